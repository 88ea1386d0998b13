import { TraceError } from '../../errors.js'
import type { JobAccepted } from '../../protocol/index.js'
import { pollTraceJob } from './pollTraceJob.js'
import type { TraceContext } from '../run/TraceContext.js'
import type { TraceStep } from '../run/TraceUpdate.js'
import { waitingFor } from '../http/waitToRetry.js'

/**
 * Polls a job until it has completed.
 *
 * @throws {TraceError} the job's own error (`JOB_FAILED` when it has no code), `JOB_CANCELLED`, and as `pollTraceJob`
 */
export async function* awaitJob(
  { jobId, statusUrl }: Pick<JobAccepted, 'jobId' | 'statusUrl'>,
  context: TraceContext,
): AsyncGenerator<TraceStep, void> {
  for await (const event of pollTraceJob({ url: statusUrl, jobId }, context)) {
    if (event.type === 'retry') {
      yield waitingFor(event.error, event.delayMs, context)
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
