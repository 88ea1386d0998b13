import { isTraceError, TraceError } from '../../errors.js'
import { streamEvent } from '../../protocol/fromWire.js'
import type { StreamEvent } from '../../protocol/model.js'
import type { RecordBatch } from '../RecordBatch.js'
import { rowsToBatch } from '../rowsToBatch.js'
import { createBatchReader } from './createBatchReader.js'
import type { DecodedLine } from './createTraceDecoder.js'

/**
 * Reads the lines of one decoder, all of them and in order, as events; `null` for an unknown type.
 *
 * @throws {TraceError} `MALFORMED_LINE` when a known type has wrong fields, or other rows than it says
 */
export function createEventReader(): (line: DecodedLine) => StreamEvent<RecordBatch> | null {
  const toBatch = createBatchReader()

  return ({ lineNumber, value, rows }) => {
    const event = streamEvent(value, lineNumber, (data) =>
      rows ? toBatch(rows) : checkedBatch(data, lineNumber),
    )
    if (event?.type === 'records' && event.count !== event.rows.length) {
      throw malformed(lineNumber, `has ${event.rows.length} rows but says ${event.count}`)
    }
    return event
  }
}

function checkedBatch(data: unknown[], lineNumber: number): RecordBatch {
  try {
    return rowsToBatch(data)
  } catch (cause) {
    if (!isTraceError(cause)) throw cause
    throw malformed(lineNumber, `is wrong: ${cause.message}`, cause)
  }
}

function malformed(line: number, what: string, cause?: unknown): TraceError {
  return new TraceError('MALFORMED_LINE', `Line ${line} of the stream ${what}`, { line, cause })
}
