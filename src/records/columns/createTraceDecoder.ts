import { isTraceError, TraceError } from '../../errors.js'
import { createLineSplitter } from '../../ndjson/createLineSplitter.js'
import { isBlankLine, parseLine } from '../../ndjson/parseLine.js'
import { streamEvent } from '../../protocol/fromWire.js'
import type { StreamEvent } from '../../protocol/model.js'
import { asRows } from '../rowsToBatch.js'
import { SURPRISE } from './ColumnBuilder.js'
import { createByteStore } from './createByteStore.js'
import { DomainPacker } from './DomainPacker.js'
import { isEndOfRecordsLine, openRecordsLine } from './openRecordsLine.js'
import type { PackedBatch } from './PackedBatch.js'
import { skipBlanks } from './RowTemplate.js'

/** A stream line whose rows are packed. */
export type PackedEvent = StreamEvent<PackedBatch>

/** Bytes in, packed events out. */
export interface TraceDecoder {
  /**
   * Decodes one chunk: events in order, and between them `null`, at least once per 256 rows, as a place to
   * let others work.
   *
   * @throws {TraceError} `MALFORMED_LINE`, `LINE_TOO_LONG`
   */
  events: (chunk: Uint8Array) => Generator<PackedEvent | null, void>
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

  /** The event of a `records` line read the fast way, or `null` for a line that has a surprise. */
  function* scanRecords(length: number): Generator<null, PackedEvent | null> {
    const head = openRecordsLine(bytes, view, length)
    if (!head) return null
    const { event, position } = head
    const { count } = event
    if (count === 0) {
      return isEndOfRecordsLine(bytes, position, length)
        ? { ...event, rows: packerOf(event.domain).pack([]) }
        : null
    }
    if (count * MIN_ROW_BYTES > length) return null
    const packer = packerOf(event.domain)
    if (!packer.begin(bytes, view, skipBlanks(bytes, position), count)) return null
    let end = packer.scan(ROWS_BETWEEN_PAUSES)
    while (end === null) {
      yield null
      end = packer.scan(ROWS_BETWEEN_PAUSES)
    }
    if (end === SURPRISE || !isEndOfRecordsLine(bytes, end, length)) return null
    return { ...event, rows: packer.finish() }
  }

  function parseEvent(line: Uint8Array, lineNumber: number): PackedEvent | null {
    const event = streamEvent(parseLine(line, lineNumber), lineNumber, (data) => data)
    if (event?.type !== 'records') return event
    if (event.count !== event.rows.length) {
      throw malformed(lineNumber, `has ${event.rows.length} rows but says ${event.count}`)
    }
    try {
      return { ...event, rows: packerOf(event.domain).pack(asRows(event.rows)) }
    } catch (cause) {
      if (!isTraceError(cause)) throw cause
      throw malformed(lineNumber, `is wrong: ${cause.message}`, cause)
    }
  }

  return {
    *events(chunk) {
      for (const line of splitter.lines(chunk)) {
        if (isBlankLine(line)) continue
        if (line.buffer !== bytes.buffer) {
          bytes = new Uint8Array(line.buffer)
          view = new DataView(bytes.buffer)
        }
        const event = (yield* scanRecords(line.length)) ?? parseEvent(line, splitter.lineNumber)
        if (event) yield event
        yield null
      }
    },
    end: splitter.end,
  }
}

function malformed(line: number, what: string, cause?: unknown): TraceError {
  return new TraceError('MALFORMED_LINE', `Line ${line} of the stream ${what}`, { line, cause })
}
