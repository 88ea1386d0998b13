import { linkSignal } from '../../../src/async/abort.js'
import { isTraceError, TraceError } from '../../../src/errors.js'
import { isTerminal, LIMITS } from '../../../src/protocol/index.js'
import type { JobSnapshot, ResultLog } from '../../ports/index.js'
import type { ChunkReader, ChunkWindow } from './createChunkWindow.js'
import type { DurationEstimate } from '../jobs/createDurationEstimate.js'
import { describeProgress } from './describeProgress.js'
import { allEntries, failedDomains, toldEntries } from './logEntries.js'
import {
  completeLine,
  entryLine,
  errorLine,
  faultLine,
  metaLine,
  progressLine,
  resetLine,
  warningLine,
} from './logLines.js'
import type { BodyChunk, BodyChunks } from '../store/bodyChunks.js'
import { placeInQueue, type PlaceParts } from './placeInQueue.js'

/** Where a reader is: after line `after` of the log named `epoch`; 0 is the beginning of any. */
export interface LogCursor {
  after: number
  epoch: string | null
}

export interface FollowParts extends PlaceParts {
  log: ResultLog
  /** Of the same log. */
  window: ChunkWindow
  /** For jobs that others are measured by; default: none. */
  durations?: DurationEstimate
  stopping?: AbortSignal
  rowsSent?: (rows: number) => void
  warn?: (message: string) => void
}

/** Least time between two progress lines that tell nothing new but numbers. */
const PROGRESS_AT_MOST_EVERY_MS = 1_000

/**
 * The lines of a log from `cursor` on, to the end of the job: waits for what is not there yet, with a progress
 * line at least every 10 s. Ends with the closing lines or an `error` line; after the first line it throws no
 * more.
 *
 * @param shownJobId the job's name for the reader; `null` when the log is one answer's and cannot be resumed
 */
export async function* followLog(
  parts: FollowParts,
  job: JobSnapshot,
  shownJobId: string | null,
  cursor: LogCursor,
  signal: AbortSignal,
): AsyncGenerator<BodyChunk> {
  const chunks = parts.window.open(job.jobId)
  try {
    yield* lines(parts, chunks, job, shownJobId, cursor, signal)
  } catch (cause) {
    if (signal.aborted) return
    if (!isTraceError(cause) || cause.code === 'CHUNK_MISSING') {
      parts.warn?.(`The log of job ${job.jobId} cannot be read on: ${String(cause)}`)
    }
    yield faultLine(cause)
  } finally {
    chunks.close()
  }
}

async function* lines(
  parts: FollowParts,
  chunks: ChunkReader,
  first: JobSnapshot,
  shownJobId: string | null,
  cursor: LogCursor,
  signal: AbortSignal,
): BodyChunks {
  const { log, clock, durations, stopping, rowsSent } = parts
  const { jobId } = first
  let job = first
  let { after } = cursor
  let epoch = after > 0 ? cursor.epoch : job.epoch
  let told = { key: '', atMs: clock.monotonic() }

  for (;;) {
    // Lines that were told are lost when the store was restarted: the log has gone on differently, or will.
    if (job.epoch !== epoch || job.head < after) {
      yield resetLine(job.epoch)
      epoch = job.epoch
      after = 0
    }
    if (after === 0) {
      yield metaLine(job, shownJobId)
      after = 1
    }
    const entries = await allEntries(log, jobId, after)
    after = entries.at(-1)?.seq ?? after
    const isShort = after < job.head
    for (const entry of toldEntries(entries, job)) {
      if ('textBytes' in entry) {
        yield await chunks.read(epoch, entry.seq)
        if (entry.type === 'records') rowsSent?.(entry.count)
      } else yield entryLine(entry, job)
      if (signal.aborted) return
    }

    job = await present(log, jobId)
    // Entries that should have been there by now will not come: to wait for them would be to wait for ever.
    if (isShort && job.epoch === epoch && after < job.head) throw entriesMissing(jobId)
    if (job.epoch !== epoch || job.head !== after) continue
    if (isTerminal(job.state)) {
      void durations?.observe(job)
      return yield* closing(log, job)
    }
    if (stopping?.aborted) throw new TraceError('STORE_UNAVAILABLE', 'The server is stopping; resume later')

    const key = `${job.state} ${job.phase} ${job.currentDomain} ${job.cancelRequested}`
    if (key !== told.key || clock.monotonic() - told.atMs >= PROGRESS_AT_MOST_EVERY_MS) {
      const position = await placeInQueue(parts, job)
      const outlook = job.kind === 'run' && durations ? await durations.outlook(job, clock.now()) : null
      yield progressLine(describeProgress(job, clock.now(), position, outlook))
      told = { key, atMs: clock.monotonic() }
    }
    const silentMs = clock.monotonic() - told.atMs
    await waitUntil(
      (until) => [log.changed(jobId, job, until), clock.sleep(LIMITS.progressEveryMs - silentMs, until)],
      [signal, stopping],
    )
    if (signal.aborted) return
    job = await present(log, jobId)
  }
}

/** The lines after the last sequenced one. */
async function* closing(log: ResultLog, job: JobSnapshot): BodyChunks {
  if (job.state !== 'completed') {
    // Resuming would find the same end again.
    return yield errorLine({ ...(job.error ?? UNKNOWN_END), retryAfterMs: undefined }, false)
  }
  const aggregation = await log.aggregation(job.jobId)
  if (aggregation) yield aggregation
  const failed = failedDomains(job)
  if (failed.length > 0) yield warningLine(failed)
  yield completeLine(job)
}

const UNKNOWN_END = { code: 'JOB_FAILED', message: 'The job failed' } as const

function entriesMissing(jobId: string): TraceError {
  return new TraceError('CHUNK_MISSING', `Lines of job ${jobId} are no longer here`)
}

async function present(log: ResultLog, jobId: string): Promise<JobSnapshot> {
  const job = await log.snapshot(jobId)
  if (job === null || job === 'expired') {
    throw new TraceError('JOB_RESULT_EXPIRED', 'The job and its rows have expired while they were read')
  }
  return job
}

/** Why the others may stop; a reason made for each wait would cost more than the wait. */
const OVER = new Error('Something else came first')

/**
 * Waits for the first of several promises and then tells the others to stop, or for the first of `signals`.
 */
async function waitUntil(
  begin: (until: AbortSignal) => Promise<unknown>[],
  signals: readonly (AbortSignal | undefined)[],
): Promise<void> {
  const link = linkSignal(...signals)
  try {
    await Promise.race(begin(link.signal))
  } catch (cause) {
    if (!link.signal.aborted) throw cause
  } finally {
    link.abort(OVER)
    link.unlink()
  }
}
