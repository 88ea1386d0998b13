import { seedAnswerInSteps } from '../../protocol/index.js'
import { callApi, type ApiCall } from '../http/callApi.js'
import type { StageAsker } from './createStageAsker.js'
import { runInSlices } from '../../async/slices.js'
import { endpoint } from '../http/resolveUrl.js'
import { slicesOf, type TraceContext } from '../run/TraceContext.js'
import type { TraceQuestion } from '../run/TraceQuestion.js'
import type { TraceStep } from '../run/TraceUpdate.js'

/** The first stage: which containers the question starts from. */
export async function* resolveSeeds(
  { profile, params }: TraceQuestion,
  ask: StageAsker,
  context: TraceContext,
) {
  yield { delta: { type: 'stage-started', stage: 'seed-resolve' } } satisfies TraceStep
  const call: ApiCall = {
    method: 'POST',
    url: endpoint('seed-resolve', context.environment.baseUrl),
    body: JSON.stringify({ profile, params }),
    timeoutMs: context.policy.stageTimeoutMs,
  }
  const { body } = yield* ask('seed-resolve', () => callApi(call, context))
  const seeds = await runInSlices(seedAnswerInSteps(body), slicesOf(context))
  yield { delta: { type: 'seeds', seeds }, checkpoint: { seeds } } satisfies TraceStep
  return seeds
}
