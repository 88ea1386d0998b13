import { isTraceErrorCode, TraceError, type TraceErrorCode } from '../errors.js'

/** What an answer with an error status says of itself. */
export interface ErrorAnswer {
  status: number
  /** The body, parsed if it was JSON, else `undefined`. */
  body: unknown
  /** The `Retry-After` header as it came. */
  retryAfter: string | null
}

/** The error an HTTP answer stands for, in whichever of the envelopes in use, or a proxy's page. */
export function fromErrorBody({ status, body, retryAfter }: ErrorAnswer, now = Date.now()): TraceError {
  const outer = asObject(body)
  const inner = asObject(outer.error)
  const meta = asObject(outer.meta)
  const code = text(inner.code) ?? text(outer.code)
  const message = text(inner.message) ?? text(outer.error) ?? text(outer.message) ?? `HTTP ${status}`
  const seconds = typeof meta.retry_after_seconds === 'number' ? meta.retry_after_seconds : undefined
  const known = isTraceErrorCode(code)
  return new TraceError(known ? code : codeOfStatus(status), message, {
    status,
    serverCode: known ? undefined : code,
    retryAfterMs: seconds === undefined ? retryAfterMs(retryAfter, now) : seconds * 1000,
    retryable: isRetryableStatus(status) || undefined,
    details: Object.keys(meta).length > 0 ? meta : undefined,
  })
}

/** Whether an answer of this status is worth asking again. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}

/** `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110 10.2.3); `undefined` if neither. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
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
