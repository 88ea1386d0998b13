import { isTraceError, TraceError } from '../../../src/errors.js'

const RETRY_AFTER_MS = 2_000

/** Answers of a Redis that cannot serve now but will. */
const PASSING =
  /^(LOADING|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|BUSY|MISCONF|NOREPLICAS|UNBLOCKED|NOAUTH) ?/

/** What our own code throws before a command is sent; ioredis rejects with none of these where a connection is lost. */
const OURS = [TypeError, RangeError, URIError, SyntaxError, ReferenceError]

/**
 * `STORE_UNAVAILABLE` for what comes of Redis being away, `MEMORY_GUARD` for one that is full; anything else is a fault
 * of ours.
 */
export function toStoreError(cause: unknown): unknown {
  if (isTraceError(cause)) return cause
  if (OURS.some((kind) => cause instanceof kind)) return cause
  const { name, message } = cause as Error
  if (name === 'ReplyError' && message.startsWith('OOM')) return storeFull()
  // Without what ioredis puts there of the command: its arguments are tickets and rows, which must not get into logs.
  if (name === 'ReplyError' && !PASSING.test(message)) return new Error(message)
  return new TraceError('STORE_UNAVAILABLE', 'Redis cannot be reached at the moment; try again', {
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  })
}

/** Runs commands of Redis. @throws {TraceError} `STORE_UNAVAILABLE`, `MEMORY_GUARD` */
export async function withStore<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw toStoreError(cause)
  }
}

/** What a store says to a request it has no room for. */
export function storeFull(): TraceError {
  return new TraceError('MEMORY_GUARD', "The server's memory for results is full; try later", {
    retryAfterMs: 30_000,
  })
}
