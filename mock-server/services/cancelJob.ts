import type { Pace } from './createPace.js'
import { findJob } from './findJob.js'
import { getJobStatus, type JobStatusFacts } from './getJobStatus.js'
import type { TraceDeps } from './TraceDeps.js'

/**
 * Cancels a job, wherever it runs; one that has ended stays as it is.
 *
 * @throws {TraceError} `JOB_NOT_FOUND`, `JOB_RESULT_EXPIRED`
 */
export async function cancelJob(
  deps: Pick<TraceDeps, 'log' | 'queue' | 'clock'>,
  pace: Pace,
  jobId: string,
  owner: string,
): Promise<JobStatusFacts> {
  await findJob(deps.log, jobId, owner)
  if (await deps.log.requestCancel(jobId)) await deps.queue.cancel(jobId)
  return getJobStatus(deps, pace, jobId, owner)
}
