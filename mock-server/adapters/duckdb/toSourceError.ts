import { isTraceError, TraceError } from '../../../src/errors.js'

/** What an error of DuckDB says, in one sentence; the error itself is the cause, for the log. */
export function toSourceError(cause: unknown): TraceError {
  if (isTraceError(cause)) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const [first] = message.split('\n') as [string]
  if (/^(IO|HTTP) Error/.test(message)) {
    return new TraceError('SOURCE_UNAVAILABLE', `A file of the factory cannot be read: ${first}`, { cause })
  }
  if (/^Out of Memory Error/.test(message)) {
    return new TraceError(
      'SOURCE_UNAVAILABLE',
      'A query needs more memory than it may have; raise memoryLimitMb.',
      {
        cause,
      },
    )
  }
  return new TraceError('SOURCE_MISCONFIGURED', `The files do not have what the mapping says: ${first}`, {
    cause,
  })
}
