import { isTraceError, toTraceError, type TraceError } from '../../../src/errors.js'
import type { JobAttempt, LogLease, StoredChunk } from '../../ports/index.js'
import { allEntries, validEntries } from '../log/logEntries.js'
import type { RunDeps } from './RunDeps.js'
import { workOnEvents } from './workOnEvents.js'
import { workOnRun } from './workOnRun.js'

/**
 * Fetches, writes and aggregates from the checkpoints to the end, and ends the job. The job ends `cancelled` or `failed`
 * when the signal says so or something breaks. The attempt rejects only when it was asked to hand the job back, or when
 * the store is gone.
 *
 * @returns what broke, or `null`
 */
export async function runJob({ jobId, signal }: JobAttempt, deps: RunDeps): Promise<TraceError | null> {
  const lease = await deps.log.open(jobId).catch(nothingToDo)
  if (!lease) return null
  try {
    const aggregation = await work(lease, deps, signal)
    await deps.log.finish(jobId, lease.lease, { state: 'completed', aggregation })
    return null
  } catch (cause) {
    const error = toTraceError(signal.aborted ? signal.reason : cause, 'JOB_FAILED')
    await conclude(lease, deps, error)
    return error
  }
}

async function work(lease: LogLease, deps: RunDeps, signal: AbortSignal): Promise<StoredChunk | null> {
  const { jobId, head, kind } = lease.snapshot
  const written = head > 1 ? validEntries(await allEntries(deps.log, jobId, 0)) : []
  const attempt = { lease, written, signal }
  return kind === 'run' ? workOnRun(attempt, deps) : workOnEvents(attempt, deps)
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
