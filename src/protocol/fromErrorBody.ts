import { isTraceErrorCode, TraceError, type TraceErrorCode } from '../errors.js'
import { retryAfterMs, secondsAsMs } from './retryAfter.js'

/** What an answer with an error status says of itself. */
export interface ErrorAnswer {
  status: number
  /** The body, parsed if it was JSON, else `undefined`. */
  body: unknown
  /** The `Retry-After` header as it came. */
  retryAfter: string | null
  /** The `Date` header, by which a date in `retryAfter` is judged. */
  date?: string | null
}

/** The error an HTTP answer stands for, in whichever of the envelopes in use, or a proxy's page. */
export function fromErrorBody({ status, body, retryAfter, date }: ErrorAnswer, now = Date.now()): TraceError {
  const outer = asObject(body)
  const inner = asObject(outer.error)
  const meta = asObject(outer.meta)
  const code = text(inner.code) ?? text(outer.code)
  const message = text(inner.message) ?? text(outer.error) ?? text(outer.message) ?? `HTTP ${status}`
  const known = isTraceErrorCode(code)
  return new TraceError(known ? code : codeOfStatus(status), message, {
    status,
    serverCode: known ? undefined : code,
    retryAfterMs: secondsAsMs(meta.retry_after_seconds) ?? retryAfterMs(retryAfter, now, date),
    retryable: isRetryableStatus(status) || (isRefusal(status) ? false : undefined),
    details: Object.keys(meta).length > 0 ? meta : undefined,
  })
}

/** Whether an answer of this status is worth asking again. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}

/** Whether the question itself was refused, so that the same one will be again. A conflict (409) may pass. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 409
}

function codeOfStatus(status: number): TraceErrorCode {
  if (status === 401 || status === 403) return 'UNAUTHORIZED'
  if (status === 404) return 'NOT_FOUND'
  if (status === 413) return 'BODY_TOO_LARGE'
  if (status === 429) return 'TOO_MANY_REQUESTS'
  return status >= 500 ? 'INTERNAL_ERROR' : 'UNEXPECTED_RESPONSE'
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
