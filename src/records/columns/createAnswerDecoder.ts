import { TraceError } from '../../errors.js'
import { createListCutter, type ListPart } from '../../json/createListCutter.js'
import { CLOSE_LIST, joinBytes, OPEN_LIST } from '../../json/bytes.js'
import { malformed, parseLine } from '../../json/parseLine.js'
import { skipBlanks } from '../../json/scan.js'
import { isRow } from '../Row.js'
import { createRowsDecoder, type RowsDecoder } from './createRowsDecoder.js'
import type { DecodedLine, FullResultValue, TraceDecoder } from './TraceDecoder.js'

export interface AnswerDecoderOptions {
  decoder?: RowsDecoder
  /** Most bytes of one row, and of all that is not rows. */
  maxBytes: number
  /** Of the `full_result` line that the answer is in. */
  lineNumber?: number | null
}

/** Rows of a batch, as in a server's stream. */
const BATCH_ROWS = 5_000

/** Bytes at which a batch ends early, so that wide rows come as soon as narrow ones. */
const BATCH_BYTES = 2 ** 21

const OPEN = Uint8Array.of(OPEN_LIST)
const CLOSE = Uint8Array.of(CLOSE_LIST)

/**
 * Decodes a whole events answer, one JSON object, into the lines that a stream of the same rows would have. So the answer
 * is never held whole, and its rows can be read while it comes. A `full_result` line at the end has the rest.
 */
export function createAnswerDecoder({
  decoder = createRowsDecoder(),
  maxBytes,
  lineNumber = null,
}: AnswerDecoderOptions): TraceDecoder {
  const cutter = createListCutter({
    path: [...(lineNumber === null ? [] : ['data']), 'results', '*', 'data'],
    maxItems: BATCH_ROWS,
    partBytes: BATCH_BYTES,
    maxBytes,
  })
  const counts = new Map<string, number>()
  let domain = ''
  let batch = 0

  function line(value: object): DecodedLine {
    return { lineNumber, value, rows: null }
  }

  function* parts(chunk: Uint8Array): Generator<ListPart, void> {
    try {
      yield* cutter.parts(chunk)
    } catch (cause) {
      throw cause instanceof SyntaxError ? malformed(lineNumber, 'is not JSON', cause) : cause
    }
  }

  function* records({ text, count }: ListPart & { type: 'items' }): Generator<null, DecodedLine> {
    counts.set(domain, counts.get(domain)! + count)
    const value = { type: 'records', domain, batch: batch++, count, data: [] as unknown[] }
    const bytes = new Uint8Array(text.buffer)
    const end = text.length
    const isEnd = (p: number) => skipBlanks(bytes, p) === end
    const rows = yield* decoder.scan({ domain, count, bytes, start: skipBlanks(bytes, 0), end, isEnd })
    if (rows) return { lineNumber, value, rows }
    const data = parseLine(joinBytes([OPEN, text, CLOSE]), lineNumber) as unknown[]
    // Items that are no rows go to the reader as they are: it refuses them.
    if (!data.every(isRow)) return line({ ...value, data })
    return { lineNumber, value, rows: decoder.pack(domain, data) }
  }

  return {
    *lines(chunk) {
      for (const part of parts(chunk)) {
        if (part.type === 'list') {
          if (counts.size === 0) yield line({ type: 'meta' })
          domain = part.key
          // `JSON.parse` would forget the first list, which has been given already.
          if (counts.has(domain)) throw malformed(lineNumber, `has rows of "${domain}" twice`)
          batch = 0
          counts.set(domain, 0)
          yield line({ type: 'domain_start', domain })
        } else if (part.type === 'items') yield yield* records(part)
        else yield line({ type: 'domain_end', domain, count: counts.get(domain) })
        yield null
      }
    },
    end() {
      const rest = cutter.rest()
      if (!rest) throw lineNumber === null ? brokenOff() : malformed(lineNumber, 'is not JSON')
      const value = parseLine(rest, lineNumber) as { data?: unknown } | null
      const data = lineNumber === null ? value : value?.data
      return [line({ type: 'full_result', data, counts } satisfies FullResultValue)]
    },
  }
}

function brokenOff(): TraceError {
  return new TraceError('STREAM_TRUNCATED', 'The answer broke off')
}
