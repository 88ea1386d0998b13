/**
 * Every code this project can report, with the HTTP status a server answers it with (0: it arises in the
 * client or inside a job) and whether trying again can help. Permanent: codes are added, never renamed.
 *
 * A new code also needs its texts (`src/messages/errors`), its page (`docs/errors/CODE.md`), the endpoints that answer it
 * (`mock-server/openapi/operations.ts`), and, if a job can end with it, a place in `checkpointAfter`, which otherwise has
 * the whole question asked anew.
 */
export const TRACE_ERRORS = {
  // The original service's wire.
  INVALID_PARAMS: { status: 400, retryable: false },
  INVALID_PROFILE: { status: 400, retryable: false },
  SEED_RESOLVE_FAILED: { status: 400, retryable: false },
  LINEAGE_TIMEOUT: { status: 504, retryable: true },
  LINEAGE_FAILED: { status: 500, retryable: true },
  CID_LIMIT_EXCEEDED: { status: 413, retryable: false },
  EVENTS_AGGREGATION_FAILED: { status: 503, retryable: true },
  EVENTS_PARTIAL_FAILURE: { status: 200, retryable: true },
  JOB_NOT_FOUND: { status: 404, retryable: false },
  JOB_RESULT_EXPIRED: { status: 404, retryable: false },
  JOB_NOT_COMPLETE: { status: 409, retryable: true },
  TOO_MANY_REQUESTS: { status: 429, retryable: true },
  UNAUTHORIZED: { status: 401, retryable: false },
  NOT_FOUND: { status: 404, retryable: false },
  INTERNAL_ERROR: { status: 500, retryable: true },
  // Our servers.
  BODY_TOO_LARGE: { status: 413, retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false },
  HOST_NOT_ALLOWED: { status: 421, retryable: false },
  LINEAGE_NOT_FOUND: { status: 404, retryable: false },
  JOB_SHARED: { status: 409, retryable: false },
  JOB_READ_ONLY: { status: 409, retryable: false },
  QUEUE_UNAVAILABLE: { status: 503, retryable: true },
  QUEUE_FULL: { status: 503, retryable: true },
  MEMORY_GUARD: { status: 503, retryable: true },
  STORE_UNAVAILABLE: { status: 503, retryable: true },
  SOURCE_UNAVAILABLE: { status: 503, retryable: true },
  SOURCE_TIMEOUT: { status: 504, retryable: true },
  SOURCE_MISCONFIGURED: { status: 500, retryable: false },
  // Jobs.
  CHUNK_MISSING: { status: 0, retryable: false },
  RESULT_TOO_LARGE: { status: 0, retryable: false },
  JOB_TIMEOUT: { status: 0, retryable: true },
  JOB_OUT_OF_MEMORY: { status: 0, retryable: false },
  WORKER_LOST: { status: 0, retryable: true },
  JOB_CANCELLED: { status: 0, retryable: false },
  JOB_FAILED: { status: 0, retryable: true },
  STALE_LEASE: { status: 0, retryable: false },
  // Clients.
  STREAM_TRUNCATED: { status: 0, retryable: true },
  MALFORMED_LINE: { status: 0, retryable: false },
  LINE_TOO_LONG: { status: 0, retryable: false },
  JOB_MISMATCH: { status: 0, retryable: false },
  SEQUENCE_GAP: { status: 0, retryable: true },
  COUNT_MISMATCH: { status: 0, retryable: false },
  DOMAIN_MISSING: { status: 0, retryable: false },
  STREAM_SILENT: { status: 0, retryable: true },
  REQUEST_TIMEOUT: { status: 408, retryable: true },
  NETWORK_ERROR: { status: 0, retryable: true },
  RETRIES_EXHAUSTED: { status: 0, retryable: true },
  UNEXPECTED_RESPONSE: { status: 0, retryable: false },
  FOREIGN_URL: { status: 0, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>

/** A permanent error code. */
export type TraceErrorCode = keyof typeof TRACE_ERRORS

/** Whether `code` is one of ours; a server may send others, which stay readable in `TraceError.serverCode`. */
export function isTraceErrorCode(code: unknown): code is TraceErrorCode {
  return typeof code === 'string' && Object.hasOwn(TRACE_ERRORS, code)
}

/** What a `TraceError` may carry beside its code and message. */
export interface TraceErrorOptions {
  cause?: unknown
  /** HTTP status of the answer that said so. */
  status?: number
  /** How long the server asked to wait, in milliseconds. */
  retryAfterMs?: number
  /** Overrides the code's own `retryable`. */
  retryable?: boolean
  /** 1-based number of the stream line at fault. */
  line?: number
  /** A code of the server's that is not in our list. */
  serverCode?: string
  /** Facts for the reader, such as `cid_count` and `limit`; plain JSON. */
  details?: Record<string, unknown>
}

const MARK = Symbol.for('vue-trace-progress.error')

/** The one error class of this project. Told apart by `code`; `isTraceError` works across copies of the package. */
export class TraceError extends Error {
  override readonly name = 'TraceError'
  readonly code: TraceErrorCode
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  /** Whether asking again, later or from where it stopped, can help. */
  readonly retryable: boolean
  readonly line: number | undefined
  readonly serverCode: string | undefined
  readonly details: Record<string, unknown> | undefined

  constructor(code: TraceErrorCode, message: string, options: TraceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status
    this.retryAfterMs = options.retryAfterMs
    this.retryable = options.retryable ?? TRACE_ERRORS[code].retryable
    this.line = options.line
    this.serverCode = options.serverCode
    this.details = options.details
    Object.defineProperty(this, MARK, { value: true })
  }
}

/** Whether `value` is a `TraceError`, of this or another copy of the package. */
export function isTraceError(value: unknown): value is TraceError {
  return typeof value === 'object' && value !== null && MARK in value
}

/** `cause` itself when it is a `TraceError`, else one of `code` that keeps it as its cause. */
export function toTraceError(cause: unknown, code: TraceErrorCode = 'INTERNAL_ERROR'): TraceError {
  if (isTraceError(cause)) return cause
  return new TraceError(code, cause instanceof Error ? cause.message : String(cause), { cause })
}
