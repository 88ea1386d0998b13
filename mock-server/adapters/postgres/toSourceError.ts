import { isTraceError, TraceError } from '../../../src/errors.js'

/** What an error of PostgreSQL says, in one sentence; the error itself is the cause, for the log. */
export function toSourceError(cause: unknown): TraceError {
  if (isTraceError(cause)) return cause
  const { code = '', message = '', severity } = (cause ?? {}) as Partial<Record<string, string>>
  const mistake = (text: string) => new TraceError('SOURCE_MISCONFIGURED', text, { cause })
  switch (code) {
    case '57014':
      if (!message.includes('timeout')) break
      return tooLong(cause)
    case '55P03':
      return new TraceError('SOURCE_TIMEOUT', 'A query waited too long for a lock in the database.', {
        cause,
      })
    case '28P01':
    case '28000':
      return mistake(
        'The database does not let the server in; check user, password and rights in its connection.',
      )
    case '3D000':
      return mistake(
        'There is no database of the name that the connection has; create it, or correct the name.',
      )
    case '42501':
      return mistake(`The database refuses to be read: ${message}; grant the server's user SELECT.`)
    case '53300':
      return unavailable(
        'The database takes no more connections; allow it more, or run fewer workers.',
        cause,
      )
  }
  // Class 22 and 42: it understood the query, and does not have what the query needs.
  if (severity && /^(22|42)/.test(code)) {
    return mistake(`The database does not have what the mapping says: ${message}.`)
  }
  return unavailable('The database cannot be reached, or ended the query; see whether it runs.', cause)
}

/** A query was given up. */
export function tooLong(cause?: unknown): TraceError {
  return new TraceError('SOURCE_TIMEOUT', 'A query took the database longer than it may.', { cause })
}

function unavailable(text: string, cause: unknown): TraceError {
  return new TraceError('SOURCE_UNAVAILABLE', text, { cause })
}
