import { runInSlices } from '../../async/slices.js'
import { seedAnswerInSteps, type SeedAnswer } from '../../protocol/index.js'
import type { ApiCall } from '../http/callApi.js'
import { endpoint } from '../http/resolveUrl.js'
import { slicesOf, type RunContext } from '../run/TraceContext.js'
import type { TraceQuestion } from '../run/TraceQuestion.js'
import { askStage } from './askStage.js'
import type { StageRetry } from './createStageRetry.js'

/** The first stage: which containers the question starts from. */
export async function resolveSeeds(
  { profile, params }: TraceQuestion,
  ask: StageRetry,
  context: RunContext,
): Promise<SeedAnswer> {
  await context.report({ type: 'stage-started', stage: 'seed-resolve' })
  const call: ApiCall = {
    method: 'POST',
    url: endpoint('seed-resolve', context.environment.baseUrl),
    body: JSON.stringify({ profile, params }),
    timeoutMs: context.policy.stageTimeoutMs,
  }
  const body = await askStage('seed-resolve', () => call, ask, context)
  const seeds = await runInSlices(seedAnswerInSteps(body), slicesOf(context))
  await context.report({ type: 'seeds', seeds }, { seeds })
  return seeds
}
