import { TraceError } from '../../../src/errors.js'

/** What a store says to a request it has no room for. */
export function storeFull(): TraceError {
  return new TraceError('MEMORY_GUARD', "The server's memory for results is full; try later", {
    retryAfterMs: 30_000,
  })
}
