import { isTraceError, TraceError } from '../../../src/errors.js'
import type { ErrorFacts } from './messages.js'

/** What of an error can be sent to another thread. */
export function toFacts(cause: unknown): ErrorFacts {
  if (isTraceError(cause)) return { code: cause.code, message: cause.message }
  return { code: null, message: cause instanceof Error ? cause.message : String(cause) }
}

export function fromFacts({ code, message }: ErrorFacts): Error {
  return code === null ? new Error(message) : new TraceError(code, message)
}
