import { CLOSE_LIST, CLOSE_MAP, COLON, OPEN_LIST, QUOTE } from '../../json/bytes.js'
import { createLineSplitter } from '../../json/createLineSplitter.js'
import { isBlankLine, malformed, parseLine } from '../../json/parseLine.js'
import { skipBlanks } from '../../json/scan.js'
import { isRow } from '../Row.js'
import { createAnswerDecoder } from './createAnswerDecoder.js'
import { createRowsDecoder } from './createRowsDecoder.js'
import { isFullResult, type DecodedLine, type TraceDecoder } from './TraceDecoder.js'

/** How far into a line its rows may begin. */
const MAX_HEAD_BYTES = 1024

// "data", in words.
const WORD_DATA_START = 0x74616422
const DATA_END_A = 0x61

const utf8 = new TextDecoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Decodes trace streams into columns. `records` lines as servers write them are scanned from their bytes.
 * `JSON.parse` reads all other lines, and their rows go into the same columns. A `full_result` line comes out as the
 * lines of a stream.
 */
export function createTraceDecoder(maxLineBytes: number): TraceDecoder {
  const splitter = createLineSplitter(maxLineBytes)
  const decoder = createRowsDecoder()
  let bytes = new Uint8Array(0)
  let view = new DataView(bytes.buffer)
  let isOver = false

  /** A `records` line read the fast way, or `null` for a line that has a surprise. */
  function* scanRecords(length: number): Generator<null, Omit<DecodedLine, 'lineNumber'> | null> {
    const head = openRecordsLine(bytes, view, length)
    if (!head) return null
    const { value, position } = head
    const rows = yield* decoder.scan({
      ...value,
      bytes,
      start: skipBlanks(bytes, position),
      end: length,
      isEnd: (p) => isEndOfRecordsLine(bytes, p, length),
    })
    return rows && { value, rows }
  }

  function parse(line: Uint8Array): Omit<DecodedLine, 'lineNumber'> {
    const value = parseLine(line, splitter.lineNumber)
    // Items that are no rows, or not as many as announced, go to the reader as they are: it refuses them.
    if (!isRecordsValue(value) || value.data.length !== value.count || !value.data.every(isRow)) {
      return { value, rows: null }
    }
    return { value: { ...value, data: [] }, rows: decoder.pack(value.domain, value.data) }
  }

  return {
    *lines(chunk) {
      for (const line of splitter.lines(chunk)) {
        if (isBlankLine(line)) continue
        if (line.buffer !== bytes.buffer) {
          bytes = new Uint8Array(line.buffer)
          view = new DataView(bytes.buffer)
        }
        const { lineNumber } = splitter
        const decoded = beginsAsFullResult(line) ? null : ((yield* scanRecords(line.length)) ?? parse(line))
        if (decoded && !isFullResult(decoded.value)) yield { lineNumber, ...decoded }
        else {
          const answer = createAnswerDecoder({ decoder, maxBytes: maxLineBytes, lineNumber })
          yield* answer.lines(line)
          yield* answer.end()
        }
        isOver ||= decoded === null || isFullResult(decoded.value) || isComplete(decoded.value)
        yield null
      }
      // The reader judges whole lines. It would never hear of half a line, since nothing may come to end it.
      if (isOver && !isBlankLine(splitter.rest())) {
        throw malformed(splitter.lineNumber + 1, 'has begun after the end')
      }
    },
    end() {
      splitter.end()
      return []
    },
  }
}

function isComplete(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'complete'
}

/** As all servers write it: such a line is not parsed whole. */
function beginsAsFullResult(line: Uint8Array): boolean {
  return /^\s*\{\s*"type"\s*:\s*"full_result"/.test(utf8.decode(line.subarray(0, 64)))
}

/** A `records` line before its rows are read: the line without them, and where they begin. */
interface RecordsHead {
  value: RecordsValue
  position: number
}

/** As much of a `records` line as decoding needs to know; the event's reader judges the rest. */
interface RecordsValue {
  type: 'records'
  domain: string
  count: number
  data: unknown[]
}

function isRecordsValue(value: unknown): value is RecordsValue {
  if (typeof value !== 'object' || value === null) return false
  const { type, domain, count, data } = value as Partial<Record<string, unknown>>
  return type === 'records' && typeof domain === 'string' && typeof count === 'number' && Array.isArray(data)
}

/** The envelope of a `records` line that ends with its rows, as servers write it; `null` for every other line. */
function openRecordsLine(
  bytes: Uint8Array<ArrayBuffer>,
  view: DataView<ArrayBuffer>,
  length: number,
): RecordsHead | null {
  const position = findRows(bytes, view, Math.min(length, MAX_HEAD_BYTES))
  if (position === -1) return null
  try {
    const value: unknown = JSON.parse(`${strictUtf8.decode(bytes.subarray(0, position))}]}`)
    return isRecordsValue(value) ? { value, position } : null
  } catch {
    // Rows of something inside the envelope, or no JSON: reading the whole line tells.
    return null
  }
}

/** Whether nothing but the ends of the rows and of the line come from `p` on. */
function isEndOfRecordsLine(bytes: Uint8Array, p: number, length: number): boolean {
  let q = skipBlanks(bytes, p)
  if (bytes[q] !== CLOSE_LIST) return false
  q = skipBlanks(bytes, q + 1)
  if (bytes[q] !== CLOSE_MAP) return false
  return skipBlanks(bytes, q + 1) === length
}

/** Behind the bracket of the first `"data": [`, or -1. */
function findRows(bytes: Uint8Array, view: DataView, end: number): number {
  for (let p = bytes.indexOf(QUOTE); p !== -1 && p < end; p = bytes.indexOf(QUOTE, p + 1)) {
    if (view.getInt32(p, true) !== WORD_DATA_START || bytes[p + 4] !== DATA_END_A || bytes[p + 5] !== QUOTE)
      continue
    let q = skipBlanks(bytes, p + 6)
    if (bytes[q] !== COLON) continue
    q = skipBlanks(bytes, q + 1)
    if (bytes[q] === OPEN_LIST) return q + 1
  }
  return -1
}
