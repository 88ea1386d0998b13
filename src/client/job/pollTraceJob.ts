import { TraceError } from '../../errors.js'
import { isTerminal, jobStatus, type JobProgressDetail, type JobStatus } from '../../protocol/index.js'
import { pollJob, type PollEvent } from './pollJob.js'
import { mismatchedJob } from '../judge/streamFaults.js'
import type { TraceContext } from '../run/TraceContext.js'

/** A trace's job, as far as polling it goes. */
export interface PolledJob {
  url: string
  /** What the answers must be about; default: whatever they are about. */
  jobId?: string
}

/**
 * Polls a trace's job until it has ended.
 *
 * @throws {TraceError} as `pollJob`; `JOB_MISMATCH` when the answers are about another job, `UNEXPECTED_RESPONSE` when
 *   the job stays in a state that nobody knows
 */
export function pollTraceJob(
  { url, jobId }: PolledJob,
  context: TraceContext,
): AsyncGenerator<PollEvent<JobStatus>, JobStatus> {
  const { environment, policy } = context
  let unknownSince: number | null = null

  function read(body: unknown): JobStatus {
    const status = jobStatus(body)
    if (jobId !== undefined && status.jobId !== jobId) throw mismatchedJob(jobId, status.jobId)
    return status
  }

  function isDone({ status, serverStatus }: JobStatus): boolean {
    if (status !== 'unknown') {
      unknownSince = null
      return isTerminal(status)
    }
    unknownSince ??= environment.monotonic()
    if (environment.monotonic() - unknownSince < policy.unknownStateMs) return false
    throw new TraceError(
      'UNEXPECTED_RESPONSE',
      `The server says that the job is "${serverStatus.slice(0, 200)}", and that is no state known here`,
    )
  }

  return pollJob({ url, read, isDone, newsOf: newsOfStatus }, context)
}

/** What of a status is news: not its age, nor what is computed of it. */
export function newsOfStatus({ serverStatus, progress, detail }: JobStatus): string {
  return JSON.stringify([serverStatus, progress, detail && newsOfProgress(detail)])
}

export function newsOfProgress(detail: JobProgressDetail): string {
  const { phase, domain, cidsDone, rows, bytes, fraction, queuePosition, attempt } = detail
  return JSON.stringify([phase, domain, cidsDone, rows, bytes, fraction, queuePosition, attempt])
}
