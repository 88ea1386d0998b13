import { TraceError } from '../errors.js'
import { isTerminal, jobStatus, type JobStatus } from '../protocol/index.js'
import { pollJob } from './pollJob.js'
import type { TraceContext } from './TraceContext.js'
import type { TraceStep } from './TraceUpdate.js'
import { waiting } from './waitToRetry.js'

/**
 * Polls a job until it has completed.
 *
 * @throws {TraceError} the job's own error (`JOB_FAILED` when it has no code), `JOB_CANCELLED`, and as `pollJob`
 */
export async function* awaitJob(statusUrl: string, context: TraceContext): AsyncGenerator<TraceStep, void> {
  for await (const event of pollJob({ url: statusUrl, read: jobStatus, isDone }, context)) {
    if (event.type === 'retry') {
      yield waiting(context.environment.isOnline() ? 'retry' : 'offline', event.error, event.delayMs)
      continue
    }
    const { status } = event
    yield { delta: { type: 'job-status', status } }
    if (status.status === 'cancelled') throw new TraceError('JOB_CANCELLED', 'The job was cancelled')
    if (status.status === 'failed') {
      throw new TraceError(status.errorCode ?? 'JOB_FAILED', status.error ?? 'The job failed', {
        details: { jobId: status.jobId },
      })
    }
  }
}

function isDone({ status }: JobStatus): boolean {
  return status !== 'unknown' && isTerminal(status)
}
