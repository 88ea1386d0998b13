import { isTraceError, toTraceError, type TraceError } from '../../errors.js'
import type { JobAccepted } from '../../protocol/index.js'
import { linkSignal } from '../../async/abort.js'
import { sendRequest, withDeadline } from '../http/sendRequest.js'
import type { TraceContext } from '../run/TraceContext.js'

/** What a server answered to a cancelling. */
export interface CancelAnswer {
  /**
   * `cancelled`: this caller's ticket is given up; `shared`: others have asked for the job too, and it goes on for them; `gone`: the
   * server knows no such job; `unsupported`: the server has no way to cancel; `failed`: see `error`.
   */
  status: 'cancelled' | 'shared' | 'gone' | 'unsupported' | 'failed'
  error: TraceError | null
}

/** Cancels a job at the server, for this caller. Never rejects. */
export async function cancelJob(job: JobAccepted, context: TraceContext): Promise<CancelAnswer> {
  const { cancelUrl: url } = job
  if (!url) return { status: 'unsupported', error: null }
  const link = linkSignal(context.signal)
  try {
    await withDeadline(context.policy.statusTimeoutMs, link, context.environment, () =>
      sendRequest({ method: 'DELETE', url, headers: { Accept: 'application/json' } }, link.signal, context),
    )
    return { status: 'cancelled', error: null }
  } catch (cause) {
    if (isTraceError(cause) && cause.code === 'JOB_SHARED') return { status: 'shared', error: cause }
    if (isTraceError(cause) && cause.status === 404) return { status: 'gone', error: cause }
    return { status: 'failed', error: toTraceError(cause, 'NETWORK_ERROR') }
  } finally {
    link.abort()
    link.unlink()
  }
}
