import { isTraceError, TRACE_ERRORS, TraceError } from '../../src/errors.js'
import type { JobState } from '../../src/protocol/index.js'
import { json } from './json.js'
import { statusName, type StatusNames } from './statusNames.js'

/** The original's words for an internal error; the cause goes to the log alone. */
const INTERNAL = '伺服器發生未預期的錯誤'

/** The one place where an error becomes an answer. What is not a `TraceError` tells the caller nothing of itself. */
export function errorResponse(
  cause: unknown,
  { nowMs, statusNames }: { nowMs: number; statusNames: StatusNames },
): Response {
  const error = isTraceError(cause) ? cause : new TraceError('INTERNAL_ERROR', INTERNAL, { cause })
  const { code, details } = error
  const status = error.status ?? (TRACE_ERRORS[code].status || 500)
  const message = code === 'INTERNAL_ERROR' ? INTERNAL : error.message
  if (status === 409) return conflict(code, message, details?.status as JobState, statusNames)

  const wait =
    error.retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(error.retryAfterMs / 1000))
  const body = {
    success: false,
    error: { code, message },
    meta: {
      timestamp: localTime(nowMs),
      ...details,
      ...(wait === undefined ? {} : { retry_after_seconds: wait }),
    },
  }
  const headers: Record<string, string> = {}
  if (wait !== undefined) headers['Retry-After'] = String(wait)
  if (Array.isArray(details?.allow)) headers.Allow = details.allow.join(', ')
  return json(body, { status, headers })
}

/** A conflict has another form: no `success`, no `meta`. */
function conflict(code: string, message: string, state: JobState, statusNames: StatusNames): Response {
  return json({ error: { code, message }, status: statusName(state, statusNames) }, { status: 409 })
}

/** ISO 8601, local, without a zone, as the original writes it. */
export function localTime(nowMs: number): string {
  const offsetMs = new Date(nowMs).getTimezoneOffset() * 60_000
  return new Date(nowMs - offsetMs).toISOString().slice(0, -1)
}
