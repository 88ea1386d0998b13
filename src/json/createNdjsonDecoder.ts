import { toTraceError, TraceError } from '../errors.js'
import { createLineSplitter } from './createLineSplitter.js'
import { isBlankLine, parseLine } from './parseLine.js'

export interface NdjsonOptions<T> {
  /** Longest accepted line in bytes; default 64 MiB. */
  maxLineBytes?: number
  /** Makes something of each line's value; what it throws is thrown with the number of the line. */
  read?: (value: unknown) => T
}

/** A push parser of NDJSON. */
export interface NdjsonDecoder<T = unknown> {
  /** Number of the line of which only a part has come; `undefined` when there is none. */
  readonly openLine: number | undefined
  /**
   * Values completed by `chunk`, in order. A fault throws only after the values before it were given: at
   * once when there are none, else from the next `push()` or `end()`.
   */
  push: (chunk: Uint8Array) => T[]
  /** Says that no more bytes come. */
  end: () => void
}

/**
 * Decodes NDJSON from byte chunks cut anywhere, even inside a character. CRLF, blank lines and a BOM before
 * the first line are accepted. A whole number beyond 2^53 - 1, or one like 1e400, is the text it was written as.
 *
 * @throws {TraceError} `MALFORMED_LINE`, `LINE_TOO_LONG`, and what `read` throws; from `end()`, `STREAM_TRUNCATED`
 * @see https://github.com/ndjson/ndjson-spec
 */
export function createNdjsonDecoder<T = unknown>({
  maxLineBytes = 64 * 2 ** 20,
  read = (value) => value as T,
}: NdjsonOptions<T> = {}): NdjsonDecoder<T> {
  const splitter = createLineSplitter(maxLineBytes)
  let fault: { error: unknown } | null = null

  function throwFault() {
    if (fault) throw fault.error
  }

  function readLine(line: Uint8Array): T {
    const { lineNumber } = splitter
    const value = parseLine(line, lineNumber)
    try {
      return read(value)
    } catch (cause) {
      const { code, message } = toTraceError(cause)
      throw new TraceError(code, `Line ${lineNumber} of the stream is wrong: ${message}`, {
        line: lineNumber,
        cause,
      })
    }
  }

  return {
    get openLine() {
      return isBlankLine(splitter.rest()) ? undefined : splitter.lineNumber + 1
    },
    push(chunk) {
      throwFault()
      const values: T[] = []
      try {
        for (const line of splitter.lines(chunk)) if (!isBlankLine(line)) values.push(readLine(line))
      } catch (error) {
        fault = { error }
        if (values.length === 0) throw error
      }
      return values
    },
    end() {
      throwFault()
      splitter.end()
    },
  }
}
