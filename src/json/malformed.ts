import { TraceError } from '../errors.js'

/**
 * Says of a line, or of an answer that has none, what is wrong with it: `MALFORMED_LINE`, `UNEXPECTED_RESPONSE`.
 *
 * @param what goes on after its name
 */
export function malformed(line: number | null, what: string, cause?: unknown): TraceError {
  return line === null
    ? new TraceError('UNEXPECTED_RESPONSE', `The answer ${what}`, { cause })
    : new TraceError('MALFORMED_LINE', `Line ${line} of the stream ${what}`, { line, cause })
}
