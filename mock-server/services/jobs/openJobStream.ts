import { followLog, type FollowParts, type LogCursor } from '../log/followLog.js'
import { findJob, mustBeComplete } from './findJob.js'
import type { BodyChunks } from '../store/bodyChunks.js'

export interface StreamOptions {
  owner: string
  /** Whether to wait for what is not there yet. */
  follow: boolean
  cursor: LogCursor
  signal: AbortSignal
}

/**
 * The lines of a job's log after `cursor`.
 *
 * @throws {TraceError} `JOB_NOT_FOUND`, `JOB_RESULT_EXPIRED`; without `follow`, `JOB_NOT_COMPLETE`
 */
export async function openJobStream(
  parts: FollowParts,
  jobId: string,
  { owner, follow, cursor, signal }: StreamOptions,
): Promise<BodyChunks> {
  const job = await findJob(parts.log, jobId, owner)
  if (!follow) mustBeComplete(job)
  return followLog(parts, job, jobId, cursor, signal)
}
