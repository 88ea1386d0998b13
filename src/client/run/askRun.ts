import { isTraceError } from '../../errors.js'
import { jobAccepted, RUN_DOMAINS, type JobAccepted } from '../../protocol/index.js'
import { callApi, type ApiCall } from '../http/callApi.js'
import { endpoint } from '../http/resolveUrl.js'
import { readJob, replacingRows } from '../job/readJob.js'
import { LOG_START, type StreamPosition } from '../judge/StreamPosition.js'
import type { StageRetry } from '../stages/createStageRetry.js'
import { isJobLost, NO_JOB } from './jobLost.js'
import type { RunContext } from './TraceContext.js'
import type { TracePipeline } from './TracePipeline.js'
import { promisedBy, type TraceQuestion } from './TraceQuestion.js'
import { watchStages } from './watchStages.js'

/** Addresses whose servers have no such jobs. They are not asked again as long as the page lives. */
const WITHOUT_RUNS = new Set<string>()

/** Whether a server is to be asked for a job. In `auto` a question that wants its whole lineage is put by stages: a job keeps that to itself. */
export function isForRun({ lineage }: TraceQuestion, pipeline: TracePipeline, { environment }: RunContext) {
  if (pipeline !== 'auto') return pipeline === 'job'
  return lineage !== 'full' && !WITHOUT_RUNS.has(environment.baseUrl)
}

export interface RunRequest {
  question: TraceQuestion
  pipeline: TracePipeline
  /** Whether new rows replace those held from before. */
  replacesRows: boolean
  /** Whether the server must not take a stored answer. */
  mustBeFresh: boolean
  /** Whether an earlier job of this question was lost. */
  isAskedAnew: boolean
}

export interface RunAnswer {
  /** What is held in the end; `null` when the server has no such job, or none at the moment. */
  held: StreamPosition | null
  /** Whether a job was read and lost before that: its rows are held. */
  isLost: boolean
}

/**
 * Asks for one job that does the whole question, and reads it. A job that the server no longer knows is asked for anew,
 * once. Where there is none, the question is put by stages.
 *
 * @throws {TraceError} the server's word, the job's error, what its log was lacking
 */
export async function askRun(request: RunRequest, ask: StageRetry, context: RunContext): Promise<RunAnswer> {
  const { question } = request
  let { replacesRows, isAskedAnew } = request
  let isLost = false
  for (;;) {
    await context.report({ type: 'stage-started', stage: 'seed-resolve' })
    const job = await ask('seed-resolve', () => post(request, context))
    if (!job) return { held: null, isLost }
    const anew = { position: undefined, domains: undefined, mustRerun: undefined, mustBeFresh: undefined }
    await context.report({ type: 'job-accepted', job }, { job, ...anew })
    try {
      const read = (run: RunContext) => readRun(job, question, LOG_START, run)
      return { held: await replacingRows(replacesRows, context, read), isLost }
    } catch (error) {
      if (isAskedAnew || !isJobLost(error)) throw error
      await context.report({ type: 'job-lost', error }, NO_JOB)
      replacesRows = isAskedAnew = isLost = true
    }
  }
}

/** Reads the job of a whole question on from `position`. */
export async function readRun(
  job: JobAccepted,
  question: TraceQuestion,
  position: StreamPosition,
  context: RunContext,
): Promise<StreamPosition> {
  const options = { position, ...promisedBy(job, question) }
  const stages = watchStages(context, position)
  // Where there are no seeds, the rows are the only stage.
  if (!options.domains.includes(RUN_DOMAINS[0])) await stages.finish()
  const held = await readJob(job, options, stages.context)
  await stages.finish()
  return held
}

async function post(
  { question: { profile, params, domains }, pipeline, mustBeFresh }: RunRequest,
  context: RunContext,
): Promise<JobAccepted | null> {
  const { baseUrl } = context.environment
  const call: ApiCall = {
    method: 'POST',
    url: endpoint('run', baseUrl),
    headers: mustBeFresh ? { 'Cache-Control': 'no-cache' } : {},
    body: JSON.stringify({ profile, params, domains }),
    timeoutMs: context.policy.stageTimeoutMs,
  }
  try {
    return { ...jobAccepted((await callApi(call, context)).body), isRun: true }
  } catch (error) {
    if (pipeline === 'job' || !isTraceError(error)) throw error
    const { status, code } = error
    if (status === 404 || status === 405) {
      WITHOUT_RUNS.add(baseUrl)
      return null
    }
    if (code === 'QUEUE_UNAVAILABLE' || code === 'STORE_UNAVAILABLE') return null
    throw error
  }
}
