import { isTraceError } from '../../errors.js'
import { isJobAccepted, jobAccepted, type JobAccepted } from '../../protocol/index.js'
import { callApi } from '../http/callApi.js'
import { below } from '../http/resolveUrl.js'
import { readJob, replacingRows } from '../job/readJob.js'
import { LOG_START, type StreamPosition } from '../judge/StreamPosition.js'
import { createStageRetry, type StageRetry } from '../stages/createStageRetry.js'
import { askRun, isForRun, readRun } from './askRun.js'
import { isJobLost, NO_JOB } from './jobLost.js'
import { runStages } from './runStages.js'
import type { TraceCheckpoint } from './TraceCheckpoint.js'
import type { RunContext, TraceContext } from './TraceContext.js'
import type { TracePipeline } from './TracePipeline.js'
import { domainsOf, needsAggregation, type TraceQuestion } from './TraceQuestion.js'
import { stageHeld } from './watchStages.js'

/**
 * A whole question from where `from` leaves off: its job is read on, else a job is asked for, else it is put by stages.
 *
 * @returns what is held of the rows in the end; `null` when there was nothing to ask for
 * @throws {TraceError} what trying again does not heal
 */
export async function runQuestion(
  question: TraceQuestion,
  from: TraceCheckpoint | undefined,
  pipeline: TracePipeline,
  context: RunContext,
): Promise<StreamPosition | null> {
  const ask = createStageRetry(context)
  let isAskedAnew = false
  if (from?.job) {
    const known = watchNews(from, context)
    try {
      const read = await readKnownJob(question, from, ask, known.context)
      if (read) return read
    } catch (error) {
      if (!known.isInMidRun() || !isJobLost(error)) throw error
      await context.report({ type: 'job-lost', error }, NO_JOB)
      isAskedAnew = true
    }
  }
  const hasBegunByStages = from?.seeds !== undefined
  if (!hasBegunByStages && isForRun(question, pipeline, context)) {
    const { mustBeFresh = false } = from ?? {}
    const replacesRows = from !== undefined
    const request = { question, pipeline, replacesRows, mustBeFresh, isAskedAnew }
    const { held, isLost } = await askRun(request, ask, context)
    if (held) return held
    // The lost job's rows took the place of all that `from` speaks of, and are to be replaced themselves.
    if (isLost) return await runStages({ question, from: {}, isAskedAnew: true }, ask, context)
  }
  return await runStages({ question, from, isAskedAnew }, ask, context)
}

/**
 * Tells a job that is lost in mid-run from one that another page has left, which may have ended long ago: with the
 * lineage, or rows, or news of it, this page has had to do with it while it ran.
 */
function watchNews({ lineage, position }: TraceCheckpoint, context: RunContext) {
  let isInMidRun = lineage !== undefined || position !== undefined
  const watching: RunContext = {
    ...context,
    async report(delta, changes) {
      isInMidRun ||= delta.type === 'progress' || delta.type === 'rows' || delta.type === 'job-status'
      await context.report(delta, changes)
    },
  }
  return { context: watching, isInMidRun: () => isInMidRun }
}

/** Goes on with the job of an earlier run; `null` when its server has no way to. */
async function readKnownJob(
  question: TraceQuestion,
  { job: known, position = LOG_START, domains = domainsOf(question), mustRerun }: TraceCheckpoint,
  ask: StageRetry,
  context: RunContext,
): Promise<StreamPosition | null> {
  let job = known!
  const stage = job.isRun ? stageHeld(position) : 'events'
  await context.report({ type: 'stage-started', stage })
  if (mustRerun) {
    const rerun = await ask(stage, () => rerunJob(job, context))
    if (!rerun) return null
    job = rerun
  }
  await context.report({ type: 'job-accepted', job }, { job, mustRerun: undefined })
  const options = { domains, needsAggregation: needsAggregation(question), position }
  return await replacingRows(position === LOG_START, context, (run) =>
    job.isRun ? readRun(job, question, position, run) : readJob(job, options, run),
  )
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
    return isJobAccepted(body) ? { ...jobAccepted(body), isRun: job.isRun } : job
  } catch (error) {
    const { status = 0 } = isTraceError(error) ? error : {}
    const cannot =
      status === 501 || (status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status))
    if (cannot) return null
    throw error
  }
}
