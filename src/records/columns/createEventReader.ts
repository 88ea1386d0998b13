import { isTraceError } from '../../errors.js'
import { malformed } from '../../json/parseLine.js'
import { closingEvents, streamEvent } from '../../protocol/fromWire.js'
import type { StreamEvent } from '../../protocol/model.js'
import type { RecordBatch } from '../RecordBatch.js'
import { rowsToBatch } from '../rowsToBatch.js'
import { createBatchReader } from './createBatchReader.js'
import { isFullResult, type DecodedLine } from './TraceDecoder.js'

/**
 * Reads the lines of one decoder, all of them and in order, as events: one for each, none for an unknown type, and
 * for a whole answer those that end a stream.
 *
 * @throws {TraceError} `MALFORMED_LINE` when a known type has wrong fields, or other rows than it says; of an answer
 *   `UNEXPECTED_RESPONSE`
 */
export function createEventReader(): (line: DecodedLine) => StreamEvent<RecordBatch>[] {
  const toBatch = createBatchReader()

  return ({ lineNumber, value, rows }) => {
    if (isFullResult(value)) return named(lineNumber, () => closingEvents(value.data, value.counts))
    // Lines made of an answer have no number, and are never wrong themselves.
    const event = streamEvent(value, lineNumber ?? 1, (data) =>
      rows ? toBatch(rows) : named(lineNumber, () => rowsToBatch(data)),
    )
    if (event?.type === 'records' && event.count !== event.rows.length) {
      throw malformed(lineNumber, `has ${event.rows.length} rows but says ${event.count}`)
    }
    return event ? [event] : []
  }
}

/** What `read` gives; what it finds wrong is said of the line. */
function named<T>(lineNumber: number | null, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (lineNumber === null || !isTraceError(cause)) throw cause
    throw malformed(lineNumber, `is wrong: ${cause.message}`, cause)
  }
}
