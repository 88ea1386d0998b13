import { TraceError } from '../../../src/errors.js'
import type { JobSnapshot, ResultLog } from '../../ports/index.js'

/**
 * The job as its owner sees it; for anyone else there is none.
 *
 * @throws {TraceError} `JOB_NOT_FOUND`, `JOB_RESULT_EXPIRED`
 */
export async function findJob(
  log: Pick<ResultLog, 'snapshot'>,
  jobId: string,
  owner: string,
): Promise<JobSnapshot> {
  const snapshot = await log.snapshot(jobId)
  if (snapshot === 'expired') throw new TraceError('JOB_RESULT_EXPIRED', 'job result has expired')
  if (!snapshot || snapshot.owner !== owner) throw new TraceError('JOB_NOT_FOUND', 'job not found or expired')
  return snapshot
}

/** @throws {TraceError} `JOB_NOT_COMPLETE`, with the job's state in `details` */
export function mustBeComplete({ state }: Pick<JobSnapshot, 'state'>) {
  if (state === 'completed') return
  throw new TraceError('JOB_NOT_COMPLETE', 'job has not completed yet', { details: { status: state } })
}
