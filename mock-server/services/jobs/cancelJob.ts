import { TraceError } from '../../../src/errors.js'
import type { DurationEstimate } from './createDurationEstimate.js'
import { findJob } from './findJob.js'
import { getJobStatus, type JobStatusFacts } from './getJobStatus.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'

/**
 * Lets a caller leave a job. The last one to leave cancels it, wherever it runs. Without a ticket it is the one caller
 * there is. A job that has ended stays as it is.
 *
 * @throws {TraceError} `JOB_NOT_FOUND`, `JOB_RESULT_EXPIRED`; `JOB_SHARED` without a ticket, while others have asked
 */
export async function cancelJob(
  deps: Pick<TraceDeps, 'log' | 'queue' | 'clock' | 'settings'>,
  durations: DurationEstimate,
  jobId: string,
  { owner, ticket }: { owner: string; ticket: string | null },
): Promise<JobStatusFacts> {
  const { state } = await findJob(deps.log, jobId, owner)
  const answer = await deps.log.leave(jobId, ticket)
  if (answer === 'cancelled') await deps.queue.cancel(jobId)
  if (answer === 'wanted' && ticket === null) {
    throw new TraceError('JOB_SHARED', 'others have asked for this job too; leave it with your cancel_url', {
      details: { status: state },
    })
  }
  return getJobStatus(deps, durations, jobId, owner)
}
