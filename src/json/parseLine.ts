import { malformed } from './malformed.js'
import { parseExactly } from './parseExactly.js'

// A BOM is white space only where the splitter has taken it off: before the first line.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Whether a line holds nothing but JSON white space. */
export function isBlankLine(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)
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
