import { isTraceErrorCode, toTraceError, TraceError, type TraceErrorCode } from '../../errors.js'
import type { Stage } from '../../protocol/index.js'
import { waiting } from '../http/waitToRetry.js'
import { newsOfProgress, newsOfStatus } from '../job/pollJob.js'
import { failedDomains, type StreamPosition } from '../judge/StreamPosition.js'
import type { TraceEnvironment } from '../ports/TraceEnvironment.js'
import type { TraceTransport } from '../ports/TraceTransport.js'
import { runQuestion } from './runQuestion.js'
import { stepsOf } from './stepsOf.js'
import { checkpointAfter, type TraceCheckpoint } from './TraceCheckpoint.js'
import type { TraceContext } from './TraceContext.js'
import type { TracePipeline } from './TracePipeline.js'
import { DEFAULT_POLICY, type TracePolicy } from './TracePolicy.js'
import type { TraceQuestion } from './TraceQuestion.js'
import type { TraceDelta, TraceOutcome, TraceUpdate } from './TraceUpdate.js'

export interface RunTraceOptions {
  transport: TraceTransport
  environment: TraceEnvironment
  /** Ends the run at once, with the outcome `aborted`. */
  signal?: AbortSignal
  /** From where an earlier run can go on: its outcome's or an update's `checkpoint`. */
  from?: TraceCheckpoint
  policy?: Partial<TracePolicy>
  /**
   * Default `auto`: one job for the whole question, and its stages one by one where the server has no such job (404, 405).
   * That is remembered for the address as long as the page lives. A server whose queue or store is away (503) gets this
   * one question by stages. A question with `lineage: 'full'` goes by stages too: a job keeps its lineage to itself.
   */
  pipeline?: TracePipeline
}

/**
 * Runs one trace from question to outcome. Needs no framework; never throws.
 *
 *     run ── POST ──┬─ 202 ─▶ follow the log of all stages, or poll then stream ──▶ judged whole
 *      ▲            │            │
 *      └────────────┼── JOB_NOT_FOUND, once
 *                   └─ 404, 405: none here; 503: no queue, no store ─▶ by stages
 *
 *   by stages:
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
 *     seed-resolve or lineage answered 202 ─▶ polled to its end, and its result read
 *     any request that is refused for the moment (429, 503) ─▶ asked again when the server says, if that is soon
 *
 *     judged ─▶ complete, or partial when the server declared domains failed
 *     any error that trying again does not heal ─▶ failed, in its stage
 *     abort, at any time and at once ─▶ aborted
 *
 * When the server has had nothing new to say of a job for long, the run reports `silent` and reads on: the person
 * decides.
 *
 * Every update carries a checkpoint, and so does the outcome. With `from` a run goes on from one. It does not ask again
 * for stages that have a result. It reads a running job on from the line after the last one held, and asks a job that
 * ended badly to go on. Where neither helps, it asks the failed stage anew. Rows held from before are dropped only when
 * the first new one is there.
 *
 * Backpressure: nothing is read from the network until the next update is asked for.
 */
export async function* runTrace(
  question: TraceQuestion,
  {
    transport,
    environment,
    signal = new AbortController().signal,
    from,
    policy,
    pipeline = 'auto',
  }: RunTraceOptions,
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
  let held = null as StreamPosition | null
  /** Why domains have failed, as far as the server has said. */
  const codes = new Map<string, string>()
  const steps = stepsOf(context, async (run) => {
    held = await runQuestion(question, from, pipeline, run)
  })
  try {
    for await (const { delta, checkpoint: changes } of steps) {
      if (delta.type === 'stage-started') stage = delta.stage
      if (delta.type === 'domain-failed') codes.set(delta.domain, delta.code)
      checkpoint = { ...checkpoint, ...changes }
      yield { ...delta, checkpoint }
      if (isOldNews(delta)) yield { ...waiting('silent'), checkpoint }
    }
    return outcomeOf(held, checkpoint, codes)
  } catch (cause) {
    if (signal.aborted) return { status: 'aborted', checkpoint }
    const error = toTraceError(cause)
    const failed = (checkpoint.job?.isRun && STAGE_OF_CODE[error.code]) || stage
    return { status: 'failed', stage: failed, error, checkpoint: checkpointAfter(checkpoint, error) }
  }
}

/** The job of a whole question says by its error in which stage it failed. */
const STAGE_OF_CODE: Partial<Record<TraceErrorCode, Stage>> = {
  SEED_RESOLVE_FAILED: 'seed-resolve',
  LINEAGE_TIMEOUT: 'lineage',
  LINEAGE_FAILED: 'lineage',
}

function outcomeOf(
  position: StreamPosition | null,
  checkpoint: TraceCheckpoint,
  codes: ReadonlyMap<string, string>,
): TraceOutcome {
  const failed = position ? failedDomains(position) : []
  if (failed.length === 0) return { status: 'complete', checkpoint }
  const { job, position: held, ...stages } = checkpoint
  const canRerun = job?.followUrl ? { job, position: held, mustRerun: true } : {}
  // A whole question has its seeds and lineage anew if its job is gone: rows of another moment do not go with them.
  const toBeHad = job?.isRun ? {} : { domains: failed }
  return {
    status: 'partial',
    failedDomains: failed,
    error: new TraceError('EVENTS_PARTIAL_FAILURE', `The server could not fetch ${failed.join(', ')}`, {
      details: { failedDomains: failed },
      cause: causeOf(failed, codes),
    }),
    checkpoint: { ...stages, ...canRerun, ...toBeHad },
  }
}

/** What a domain failed of; of several, the first that says more than that it did. */
function causeOf(failed: readonly string[], codes: ReadonlyMap<string, string>): TraceError | undefined {
  for (const domain of failed) {
    const code = codes.get(domain)
    if (isTraceErrorCode(code) && code !== 'EVENTS_PARTIAL_FAILURE') return new TraceError(code, domain)
  }
  return undefined
}

/**
 * Finds a job that may be lost: the server goes on answering, but has had nothing new to say of it for `jobSilenceMs`.
 *
 * @returns whether `delta`, the next thing that happened, is such an answer
 */
function createNewsWatch({
  environment,
  policy,
}: Pick<TraceContext, 'environment' | 'policy'>): (delta: TraceDelta) => boolean {
  let last: string | null = null
  let lastAt = environment.monotonic()

  return (delta) => {
    if (delta.type === 'waiting') return false
    const news = newsOf(delta)
    const isNew = news === null || news !== last
    if (isNew) lastAt = environment.monotonic()
    last = news ?? last
    return !isNew && environment.monotonic() - lastAt >= policy.jobSilenceMs
  }
}

/** What a server says about its job; `null` for the job's own lines. */
function newsOf(delta: TraceDelta): string | null {
  if (delta.type === 'job-status') return newsOfStatus(delta.status)
  return delta.type === 'progress' ? newsOfProgress(delta.progress) : null
}
