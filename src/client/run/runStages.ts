import { isTraceError, type TraceError } from '../../errors.js'
import { isJobAccepted, jobAccepted, type JobAccepted } from '../../protocol/index.js'
import { callApi } from '../http/callApi.js'
import { below } from '../http/resolveUrl.js'
import { readJob, replacingRows } from '../job/readJob.js'
import { LOG_START, type StreamPosition } from '../judge/StreamPosition.js'
import { askEvents } from '../stages/askEvents.js'
import { createStageRetry, type StageRetry } from '../stages/createStageRetry.js'
import { resolveSeeds } from '../stages/resolveSeeds.js'
import { traceLineage } from '../stages/traceLineage.js'
import type { TraceCheckpoint } from './TraceCheckpoint.js'
import type { RunContext, TraceContext } from './TraceContext.js'
import { domainsOf, type TraceQuestion } from './TraceQuestion.js'

/**
 * A run's stages from where `from` leaves off.
 *
 * @returns what is held of the events in the end; `null` when there was nothing to ask for
 * @throws {TraceError} what trying again does not heal
 */
export async function runStages(
  question: TraceQuestion,
  from: TraceCheckpoint | undefined,
  context: RunContext,
): Promise<StreamPosition | null> {
  const { report } = context
  const ask = createStageRetry(context)
  let isAskedAnew = false
  if (from?.job) {
    try {
      const read = await readKnownJob(question, from, ask, context)
      if (read) return read
    } catch (error) {
      // Without a lineage the job was left by another page, and may have ended long ago.
      if (!from.lineage || !isJobLost(error)) throw error
      await report({ type: 'job-lost', error }, NO_JOB)
      isAskedAnew = true
    }
  }
  const seeds = from?.seeds ?? (await resolveSeeds(question, ask, context))
  if (seeds.seeds.length === 0) return null
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

/** Goes on with the job of an earlier run; `null` when its server has no way to. */
async function readKnownJob(
  question: TraceQuestion,
  { job: known, position, domains = domainsOf(question), mustRerun }: TraceCheckpoint,
  ask: StageRetry,
  context: RunContext,
): Promise<StreamPosition | null> {
  await context.report({ type: 'stage-started', stage: 'events' })
  let job = known!
  if (mustRerun) {
    const rerun = await ask('events', () => rerunJob(job, context))
    if (!rerun) return null
    job = rerun
  }
  await context.report({ type: 'job-accepted', job }, { job, mustRerun: undefined })
  const options = { domains, needsAggregation: needsAggregation(question), position: position ?? LOG_START }
  return await replacingRows(!position, context, (run) => readJob(job, options, run))
}

/**
 * Asks the server to go on with an ended job: a partial one with its failed domains, a failed one from where it stopped.
 *
 * @returns the job to read on, or `null` when the server cannot: the question is then asked again
 * @throws {TraceError} when the server could not be asked
 */
async function rerunJob(job: JobAccepted, context: TraceContext): Promise<JobAccepted | null> {
  const url = below(job.statusUrl, 'retry', context.environment.baseUrl)
  try {
    const { body } = await callApi(
      { method: 'POST', url, timeoutMs: context.policy.statusTimeoutMs },
      context,
    )
    return isJobAccepted(body) ? jobAccepted(body) : job
  } catch (error) {
    const { status = 0 } = isTraceError(error) ? error : {}
    const cannot =
      status === 501 || (status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status))
    if (cannot) return null
    throw error
  }
}

const NO_JOB = { job: undefined, position: undefined }

/** The server had accepted the job and no longer knows it: it was restarted, and kept nothing. */
function isJobLost(error: unknown): error is TraceError {
  return isTraceError(error) && error.code === 'JOB_NOT_FOUND'
}

function needsAggregation({ profile }: TraceQuestion): boolean {
  return profile === 'mid_section_defect'
}
