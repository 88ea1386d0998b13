import { createLineSplitter } from '../../ndjson/createLineSplitter.js'
import { isBlankLine, parseLine } from '../../ndjson/parseLine.js'
import { isRow } from '../Row.js'
import { SURPRISE } from './ColumnBuilder.js'
import { createByteStore } from './createByteStore.js'
import { DomainPacker } from './DomainPacker.js'
import { isEndOfRecordsLine, isRecordsValue, openRecordsLine } from './openRecordsLine.js'
import type { PackedBatch } from './PackedBatch.js'
import { skipBlanks } from './RowTemplate.js'

/** One line as it travels: parsed, and the rows of a `records` line packed. */
export interface DecodedLine {
  /** From 1; blank lines count. */
  lineNumber: number
  /** Not validated. An empty list stands for the `data` that is in `rows`. */
  value: unknown
  rows: PackedBatch | null
}

/** Bytes in, decoded lines out. */
export interface TraceDecoder {
  /**
   * Decodes one chunk: lines in order, and between them `null`, at least once per 256 rows, as a place to
   * let others work.
   *
   * @throws {TraceError} `MALFORMED_LINE` when a line is no JSON, `LINE_TOO_LONG`
   */
  lines: (chunk: Uint8Array) => Generator<DecodedLine | null, void>
  /** @throws {TraceError} `STREAM_TRUNCATED` */
  end: () => void
}

const ROWS_BETWEEN_PAUSES = 256

/** Shortest text of a row that is scanned, with its comma: `{"":0},`. */
const MIN_ROW_BYTES = 7

/** Domains whose columns are remembered: more than any server has. */
const MAX_DOMAINS = 64

/**
 * Decodes trace streams into columns. `records` lines as servers write them are scanned from their bytes;
 * whatever else comes is read by `JSON.parse` and put into the same columns.
 */
export function createTraceDecoder(maxLineBytes: number): TraceDecoder {
  const splitter = createLineSplitter(maxLineBytes)
  const scratch = createByteStore()
  const packers = new Map<string, DomainPacker>()
  let dictionaries = 0
  let bytes = new Uint8Array(0)
  let view = new DataView(bytes.buffer)

  function packerOf(domain: string): DomainPacker {
    let packer = packers.get(domain)
    if (!packer) {
      if (packers.size === MAX_DOMAINS) packers.clear()
      packers.set(domain, (packer = new DomainPacker(() => dictionaries++, scratch)))
    }
    return packer
  }

  /** A `records` line read the fast way, or `null` for a line that has a surprise. */
  function* scanRecords(length: number): Generator<null, Omit<DecodedLine, 'lineNumber'> | null> {
    const head = openRecordsLine(bytes, view, length)
    if (!head) return null
    const { value, position } = head
    const { count } = value
    if (!(count > 0 && count * MIN_ROW_BYTES <= length)) return null
    const packer = packerOf(value.domain)
    if (!packer.begin(bytes, view, skipBlanks(bytes, position), count)) return null
    let end = packer.scan(ROWS_BETWEEN_PAUSES)
    while (end === null) {
      yield null
      end = packer.scan(ROWS_BETWEEN_PAUSES)
    }
    if (end === SURPRISE || !isEndOfRecordsLine(bytes, end, length)) return null
    return { value, rows: packer.finish() }
  }

  function parse(line: Uint8Array): Omit<DecodedLine, 'lineNumber'> {
    const value = parseLine(line, splitter.lineNumber)
    // Rows that are none, or not as many as they say, go to the reader as they are, who says so.
    if (!isRecordsValue(value) || value.data.length !== value.count || !value.data.every(isRow)) {
      return { value, rows: null }
    }
    return { value: { ...value, data: [] }, rows: packerOf(value.domain).pack(value.data) }
  }

  return {
    *lines(chunk) {
      for (const line of splitter.lines(chunk)) {
        if (isBlankLine(line)) continue
        if (line.buffer !== bytes.buffer) {
          bytes = new Uint8Array(line.buffer)
          view = new DataView(bytes.buffer)
        }
        const decoded = (yield* scanRecords(line.length)) ?? parse(line)
        yield { lineNumber: splitter.lineNumber, ...decoded }
        yield null
      }
    },
    end: splitter.end,
  }
}
