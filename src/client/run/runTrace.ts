import { isTraceError, toTraceError, TraceError } from '../../errors.js'
import type { LineageAnswer, SeedAnswer, Stage } from '../../protocol/index.js'
import { askEvents } from '../stages/askEvents.js'
import { checkpointAfter } from './checkpointAfter.js'
import { createNewsWatch } from '../job/createNewsWatch.js'
import { createStageAsker, type StageAsker } from '../stages/createStageAsker.js'
import type { TraceEnvironment } from '../ports/TraceEnvironment.js'
import type { TraceTransport } from '../ports/TraceTransport.js'
import { readJob } from '../job/readJob.js'
import { replacingRows } from '../job/replacingRows.js'
import { rerunJob } from './rerunJob.js'
import { resolveSeeds } from '../stages/resolveSeeds.js'
import { failedDomains, LOG_START, type StreamPosition } from '../judge/StreamPosition.js'
import type { TraceCheckpoint } from './TraceCheckpoint.js'
import type { TraceContext } from './TraceContext.js'
import { traceLineage } from '../stages/traceLineage.js'
import { DEFAULT_POLICY, type TracePolicy } from './TracePolicy.js'
import { domainsOf, type TraceQuestion } from './TraceQuestion.js'
import type { TraceOutcome, TraceStep, TraceUpdate } from './TraceUpdate.js'
import { waiting } from '../http/waitToRetry.js'

export interface RunTraceOptions {
  transport: TraceTransport
  environment: TraceEnvironment
  /** Ends the run at once, with the outcome `aborted`. */
  signal?: AbortSignal
  /** From where an earlier run can go on: its outcome's or an update's `checkpoint`. */
  from?: TraceCheckpoint
  policy?: Partial<TracePolicy>
}

/**
 * Runs one trace from question to outcome. Needs no framework; never throws.
 *
 *     seed-resolve ─▶ none found ─▶ complete
 *          │
 *       lineage ◀──────────── LINEAGE_NOT_FOUND, once
 *          │                            │
 *        events ── POST ──┬─ 200 JSON ──┴───────────────────────────▶ judged whole
 *          ▲              ├─ 200 NDJSON ─▶ lines, judged ─▶ broken: asked again, a few times
 *          │              └─ 202 ─▶ follow the log, or poll then stream, or poll then page
 *          └──────────────────────────── JOB_NOT_FOUND, once
 *
 *     any stage that is refused for the moment (429, 503) ─▶ asked again when the server says, if that is soon
 *
 *     judged ─▶ complete, or partial when the server declared domains failed
 *     any error that trying again does not heal ─▶ failed, in its stage
 *     abort, at any time and at once ─▶ aborted
 *
 * A job of which the server has had nothing new to say for long is said to be silent, and read on: the person decides.
 *
 * Every update carries a checkpoint, and so does the outcome. A run that is given one (`from`) goes on there:
 * stages with a result are not asked again; a job that goes on is read on from the line after the last one
 * held; one that has ended badly is asked to go on; where neither helps, the question of the failed stage is
 * asked anew. Rows held from before are dropped only when the first new one is there.
 *
 * Backpressure: nothing is read from the network until the next update is asked for.
 */
export async function* runTrace(
  question: TraceQuestion,
  { transport, environment, signal = new AbortController().signal, from, policy }: RunTraceOptions,
): AsyncGenerator<TraceUpdate, TraceOutcome> {
  const context: TraceContext = {
    transport,
    environment,
    signal,
    policy: { ...DEFAULT_POLICY, ...policy },
  }
  environment.prepareDecode?.()
  let checkpoint = from ?? {}
  let stage: Stage = 'seed-resolve'
  const isOldNews = createNewsWatch(context)
  const steps = runStages(question, from, context)
  try {
    for (;;) {
      signal.throwIfAborted()
      const step = await steps.next()
      if (step.done) return outcomeOf(step.value, checkpoint)
      const { delta } = step.value
      if (delta.type === 'stage-started') stage = delta.stage
      checkpoint = { ...checkpoint, ...step.value.checkpoint }
      yield { ...delta, checkpoint }
      if (isOldNews(delta)) yield { ...waiting('silent').delta, checkpoint }
    }
  } catch (cause) {
    if (signal.aborted) return { status: 'aborted', checkpoint }
    const error = toTraceError(cause)
    return { status: 'failed', stage, error, checkpoint: checkpointAfter(checkpoint, error) }
  } finally {
    await steps.return(null)
  }
}

/** What is held of the events when all stages are done; `null` when there was nothing to ask for. */
async function* runStages(
  question: TraceQuestion,
  from: TraceCheckpoint | undefined,
  context: TraceContext,
): AsyncGenerator<TraceStep, StreamPosition | null> {
  const ask = createStageAsker(context)
  let isAskedAnew = false
  if (from?.job) {
    try {
      const read = yield* readKnownJob(question, from, ask, context)
      if (read) return read
    } catch (error) {
      // Of a job that another page has left nobody knows whether it was still at work.
      if (!from.lineage || !isJobLost(error)) throw error
      yield jobLost(error)
      isAskedAnew = true
    }
  }
  const seeds: SeedAnswer = from?.seeds ?? (yield* resolveSeeds(question, ask, context))
  if (seeds.seeds.length === 0) return null
  let lineage: LineageAnswer = from?.lineage ?? (yield* traceLineage(question, seeds, ask, context))

  const all = domainsOf(question)
  // The figures of a defect trace are of all its domains together, so they are asked for together.
  const domains = needsAggregation(question) ? all : (from?.domains ?? all)
  let isRenewed = false
  for (;;) {
    yield stageStarted('events')
    try {
      return yield* askEvents(
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
        yield jobLost(error)
        isAskedAnew = true
      } else if (!isRenewed && isTraceError(error) && error.code === 'LINEAGE_NOT_FOUND') {
        lineage = yield* traceLineage(question, seeds, ask, context)
        isRenewed = true
      } else throw error
    }
  }
}

/** Goes on with the job of an earlier run; `null` when its server has no way to. */
async function* readKnownJob(
  question: TraceQuestion,
  { job: known, position, domains = domainsOf(question), mustRerun }: TraceCheckpoint,
  ask: StageAsker,
  context: TraceContext,
): AsyncGenerator<TraceStep, StreamPosition | null> {
  yield stageStarted('events')
  let job = known!
  if (mustRerun) {
    const rerun = yield* ask('events', () => rerunJob(job, context))
    if (!rerun) return null
    job = rerun
  }
  yield { delta: { type: 'job-accepted', job }, checkpoint: { job, mustRerun: undefined } }
  const options = { domains, needsAggregation: needsAggregation(question), position: position ?? LOG_START }
  return yield* replacingRows(readJob(job, options, context), position === undefined)
}

/** The server knows a job no more that it had taken on: it was restarted, and kept nothing. */
function isJobLost(error: unknown): error is TraceError {
  return isTraceError(error) && error.code === 'JOB_NOT_FOUND'
}

function jobLost(error: TraceError): TraceStep {
  return { delta: { type: 'job-lost', error }, checkpoint: { job: undefined, position: undefined } }
}

function outcomeOf(position: StreamPosition | null, checkpoint: TraceCheckpoint): TraceOutcome {
  const failed = position ? failedDomains(position) : []
  if (failed.length === 0) return { status: 'complete', checkpoint }
  const { job, position: held, ...stages } = checkpoint
  const canRerun = job?.followUrl ? { job, position: held, mustRerun: true } : {}
  return {
    status: 'partial',
    failedDomains: failed,
    error: new TraceError('EVENTS_PARTIAL_FAILURE', `The server could not fetch ${failed.join(', ')}`, {
      details: { failedDomains: failed },
    }),
    checkpoint: { ...stages, ...canRerun, domains: failed },
  }
}

function stageStarted(stage: Stage): TraceStep {
  return { delta: { type: 'stage-started', stage } }
}

function needsAggregation({ profile }: TraceQuestion): boolean {
  return profile === 'mid_section_defect'
}
