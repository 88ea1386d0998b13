import { seedAnswerInSteps } from '../protocol/index.js'
import { callApi } from './callApi.js'
import { inSlices } from './inSlices.js'
import { endpoint } from './resolveUrl.js'
import type { TraceContext } from './TraceContext.js'
import type { TraceQuestion } from './TraceQuestion.js'
import type { TraceStep } from './TraceUpdate.js'

/** The first stage: which containers the question starts from. */
export async function* resolveSeeds({ profile, params }: TraceQuestion, context: TraceContext) {
  yield { delta: { type: 'stage-started', stage: 'seed-resolve' } } satisfies TraceStep
  const { body } = await callApi(
    {
      method: 'POST',
      url: endpoint('seed-resolve', context.environment.baseUrl),
      body: JSON.stringify({ profile, params }),
      timeoutMs: context.policy.stageTimeoutMs,
    },
    context,
  )
  const seeds = await inSlices(seedAnswerInSteps(body), context)
  yield { delta: { type: 'seeds', seeds }, checkpoint: { seeds } } satisfies TraceStep
  return seeds
}
