import { createLineSplitter } from './createLineSplitter.js'
import { isBlankLine, parseLine } from './parseLine.js'

/** A push parser of NDJSON. */
export interface NdjsonDecoder {
  /**
   * Values completed by `chunk`, in order. A fault throws only after the values before it were given: at
   * once when there are none, else from the next `push()` or `end()`.
   */
  push: (chunk: Uint8Array) => unknown[]
  /** Says that no more bytes come. */
  end: () => void
}

/**
 * Decodes NDJSON from byte chunks cut anywhere, even inside a character. CRLF, blank lines and a BOM before
 * the first line are accepted.
 *
 * @param maxLineBytes longest accepted line in bytes; default 64 MiB
 * @throws {TraceError} `MALFORMED_LINE`, `LINE_TOO_LONG`; from `end()`, `STREAM_TRUNCATED`
 * @see https://github.com/ndjson/ndjson-spec
 */
export function createNdjsonDecoder({ maxLineBytes = 64 * 2 ** 20 } = {}): NdjsonDecoder {
  const splitter = createLineSplitter(maxLineBytes)
  let fault: { error: unknown } | null = null

  function throwFault() {
    if (fault) throw fault.error
  }

  return {
    push(chunk) {
      throwFault()
      const values: unknown[] = []
      try {
        for (const line of splitter.lines(chunk)) {
          if (!isBlankLine(line)) values.push(parseLine(line, splitter.lineNumber))
        }
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
