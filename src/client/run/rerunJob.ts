import { isTraceError } from '../../errors.js'
import { isJobAccepted, jobAccepted, type JobAccepted } from '../../protocol/index.js'
import { callApi } from '../http/callApi.js'
import { below } from '../http/resolveUrl.js'
import type { TraceContext } from './TraceContext.js'

/**
 * Asks the server to go on with an ended job: a partial one with its failed domains, a failed one from where
 * it stopped.
 *
 * @returns the job to read on, or `null` when the server cannot: the question is then asked again
 * @throws {TraceError} when the server could not be asked
 */
export async function rerunJob(job: JobAccepted, context: TraceContext): Promise<JobAccepted | null> {
  const url = below(job.statusUrl, 'retry', context.environment.baseUrl)
  try {
    const { body } = await callApi(
      { method: 'POST', url, timeoutMs: context.policy.statusTimeoutMs },
      context,
    )
    return isJobAccepted(body) ? jobAccepted(body) : job
  } catch (error) {
    const { status = 0 } = isTraceError(error) ? error : {}
    const cannot =
      status === 501 || (status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status))
    if (cannot) return null
    throw error
  }
}
