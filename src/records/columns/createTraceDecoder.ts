import { createLineSplitter } from '../../json/createLineSplitter.js'
import { isBlankLine, malformed, parseLine } from '../../json/parseLine.js'
import { skipBlanks } from '../../json/scan.js'
import { isRow } from '../Row.js'
import { createAnswerDecoder } from './createAnswerDecoder.js'
import { createRowsDecoder } from './createRowsDecoder.js'
import { isEndOfRecordsLine, isRecordsValue, openRecordsLine } from './openRecordsLine.js'
import { isFullResult, type DecodedLine, type TraceDecoder } from './TraceDecoder.js'

/**
 * Decodes trace streams into columns. `records` lines as servers write them are scanned from their bytes;
 * whatever else comes is read by `JSON.parse` and put into the same columns. A `full_result` line comes out as the lines
 * of a stream.
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
    // Rows that are none, or not as many as they say, go to the reader as they are, who says so.
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
      // A line is for the reader to judge. Of half of one it would never hear: nothing may come to end it.
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

const utf8 = new TextDecoder()

/** As all servers write it: such a line is not parsed whole. */
function beginsAsFullResult(line: Uint8Array): boolean {
  return /^\s*\{\s*"type"\s*:\s*"full_result"/.test(utf8.decode(line.subarray(0, 64)))
}
