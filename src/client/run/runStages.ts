import { isTraceError } from '../../errors.js'
import type { StreamPosition } from '../judge/StreamPosition.js'
import { askEvents } from '../stages/askEvents.js'
import type { StageRetry } from '../stages/createStageRetry.js'
import { resolveSeeds } from '../stages/resolveSeeds.js'
import { traceLineage } from '../stages/traceLineage.js'
import { isJobLost, NO_JOB } from './jobLost.js'
import type { TraceCheckpoint } from './TraceCheckpoint.js'
import type { RunContext } from './TraceContext.js'
import { domainsOf, needsAggregation, type TraceQuestion } from './TraceQuestion.js'

export interface StagesRequest {
  question: TraceQuestion
  /** What an earlier run has already got. */
  from: TraceCheckpoint | undefined
  /** Whether an earlier job of this question was lost. */
  isAskedAnew: boolean
}

/**
 * Puts a question by its stages, one after the other.
 *
 * @returns what is held of the events in the end; `null` when there was nothing to ask for
 * @throws {TraceError} what trying again does not heal
 */
export async function runStages(
  request: StagesRequest,
  ask: StageRetry,
  context: RunContext,
): Promise<StreamPosition | null> {
  const { question, from } = request
  const { report } = context
  let { isAskedAnew } = request
  const seeds = from?.seeds ?? (await resolveSeeds(question, ask, context))
  if (seeds.seeds.length === 0) {
    // Nothing is the answer: rows held from before are none of it.
    if (from !== undefined || isAskedAnew) await report({ type: 'rows-dropped' }, NO_JOB)
    return null
  }
  let lineage = from?.lineage ?? (await traceLineage(question, seeds, ask, context))

  const all = domainsOf(question)
  // The figures of a defect trace need all domains, so all are asked for together.
  const domains = needsAggregation(question) ? all : (from?.domains ?? all)
  let isRenewed = false
  for (;;) {
    await report({ type: 'stage-started', stage: 'events' })
    try {
      return await askEvents(
        {
          question,
          seeds,
          lineage,
          domains,
          replacesRows: (from !== undefined || isAskedAnew) && domains.length === all.length,
          needsAggregation: needsAggregation(question),
          mustBeFresh: from?.mustBeFresh ?? false,
        },
        ask,
        context,
      )
    } catch (error) {
      if (!isAskedAnew && isJobLost(error)) {
        await report({ type: 'job-lost', error }, NO_JOB)
        isAskedAnew = true
      } else if (!isRenewed && isTraceError(error) && error.code === 'LINEAGE_NOT_FOUND') {
        lineage = await traceLineage(question, seeds, ask, context)
        isRenewed = true
      } else throw error
    }
  }
}
