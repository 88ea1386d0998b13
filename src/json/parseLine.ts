import { TraceError } from '../errors.js'
import { parseExactly } from './parseExactly.js'
import { skipBlanks } from './scan.js'

// A BOM is white space only where the splitter has taken it off: before the first line.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Whether a line holds nothing but JSON white space. */
export function isBlankLine(line: Uint8Array): boolean {
  return skipBlanks(line, 0) === line.length
}

/**
 * The value of one line, or of an answer that has none. Numbers that a double cannot hold are texts (`parseExactly`).
 *
 * @throws {TraceError} when it is not UTF-8 or not JSON: `MALFORMED_LINE`; of an answer `UNEXPECTED_RESPONSE`
 */
export function parseLine(line: Uint8Array, lineNumber: number | null): unknown {
  try {
    return parseExactly(utf8.decode(line))
  } catch (cause) {
    throw malformed(lineNumber, `is not ${cause instanceof SyntaxError ? 'JSON' : 'UTF-8'}`, cause)
  }
}

/**
 * The error for a line, or for an answer, which has no lines: `MALFORMED_LINE`, `UNEXPECTED_RESPONSE`.
 *
 * @param what is wrong; goes on after the line's name
 */
export function malformed(line: number | null, what: string, cause?: unknown): TraceError {
  return line === null
    ? new TraceError('UNEXPECTED_RESPONSE', `The answer ${what}`, { cause })
    : new TraceError('MALFORMED_LINE', `Line ${line} of the stream ${what}`, { line, cause })
}
