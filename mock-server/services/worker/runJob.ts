import { isTraceError, toTraceError, type TraceError } from '../../../src/errors.js'
import type {
  BatchStore,
  ChunkCodec,
  Clock,
  JobAttempt,
  LogLease,
  ResultLog,
  StoredChunk,
  TraceSource,
} from '../../ports/index.js'
import { createJobAggregation } from './createJobAggregation.js'
import { createLogWriter } from './createLogWriter.js'
import { UNSLICED, type Slices } from '../../../src/async/slices.js'
import { fetchDomains } from './fetchDomains.js'
import { allEntries } from '../log/logEntries.js'
import { loadQuestion, type Question } from '../questions/Question.js'
import type { TraceSettings } from '../../ports/TraceDeps.js'

/** What a worker stands on: less than the server, so that it can run elsewhere. */
export interface RunDeps {
  log: Pick<ResultLog, 'open' | 'commit' | 'finish' | 'entries' | 'chunk'>
  source: Pick<TraceSource, 'events' | 'detections'>
  codec: ChunkCodec
  clock: Clock
  settings: Pick<TraceSettings, 'sourceConcurrency' | 'streamBatchSize'>
  /** Where the thread is others' too; default: it is not. */
  slices?: Slices
  store: Pick<BatchStore, 'get'>
  /** Default: the one that is stored for the job. */
  question?: Question
  warn?: (message: string) => void
}

/**
 * One attempt at a job: fetches, writes and aggregates from the checkpoint to the end, and ends the job. The job ends
 * `cancelled` or `failed` when the signal says so or something breaks. The attempt rejects only when it was asked to
 * hand the job back, or when the store is gone.
 *
 * @returns what broke, or `null`
 */
export async function runJob({ jobId, signal }: JobAttempt, deps: RunDeps): Promise<TraceError | null> {
  const attempt = await deps.log.open(jobId).catch(nothingToDo)
  if (!attempt) return null
  try {
    const aggregation = await work(attempt, deps, signal)
    await deps.log.finish(jobId, attempt.lease, { state: 'completed', aggregation })
    return null
  } catch (cause) {
    const error = toTraceError(signal.aborted ? signal.reason : cause, 'JOB_FAILED')
    await conclude(attempt, deps, error)
    return error
  }
}

async function work(attempt: LogLease, deps: RunDeps, signal: AbortSignal): Promise<StoredChunk | null> {
  const { log, source, codec, clock, settings, slices = UNSLICED, warn = () => {} } = deps
  const { jobId, head } = attempt.snapshot
  const question = deps.question ?? (await loadQuestion(deps, jobId))
  const aggregation = createJobAggregation({ log, codec, source, slices }, jobId, question, signal)
  const writer = createLogWriter({ log, codec, clock, batchRows: settings.streamBatchSize }, attempt)
  const written = head > 1 ? await allEntries(log, jobId, 0) : []

  await fetchDomains(
    { source, settings, clock, writer, aggregation, warn },
    question,
    attempt,
    written,
    signal,
  )

  const done = { domainIndex: question.domains.length, idBatchesDone: 0, rowsDone: 0 }
  await writer.commit(done, { phase: 'aggregating', currentDomain: null, cidsDone: question.cidCount })
  signal.throwIfAborted()
  return aggregation.finish()
}

async function conclude({ lease, snapshot: { jobId } }: LogLease, deps: RunDeps, error: TraceError) {
  const { code, message } = error
  // Another writer has the job, or it is gone: there is nothing left to say.
  if (code === 'STALE_LEASE' || code === 'JOB_NOT_FOUND') return
  if (code === 'QUEUE_UNAVAILABLE' || code === 'STORE_UNAVAILABLE') throw error
  if (code === 'JOB_FAILED') deps.warn?.(`Job ${jobId} failed: ${message}`)
  const state = code === 'JOB_CANCELLED' ? 'cancelled' : 'failed'
  await deps.log.finish(jobId, lease, { state, error: { code, message } }).catch(nothingToDo)
}

/** A job that has ended or gone meanwhile wants no writer. */
function nothingToDo(cause: unknown): null {
  if (isTraceError(cause) && ['JOB_CANCELLED', 'JOB_NOT_FOUND', 'STALE_LEASE'].includes(cause.code))
    return null
  throw cause
}
