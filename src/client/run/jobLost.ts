import { isTraceError, type TraceError } from '../../errors.js'

/** What changes in a checkpoint when a job is lost. */
export const NO_JOB = { job: undefined, position: undefined }

/** The server had accepted the job and no longer knows it: it was restarted, and kept nothing. */
export function isJobLost(error: unknown): error is TraceError {
  return isTraceError(error) && error.code === 'JOB_NOT_FOUND'
}
