import { isTraceError, TraceError } from '../errors.js'
import { createLineSplitter } from '../ndjson/createLineSplitter.js'
import { isBlankLine, parseLine } from '../ndjson/parseLine.js'
import { readChunks, type ByteSource } from '../ndjson/readChunks.js'
import { LIMITS } from '../protocol/limits.js'
import { streamEvent } from '../protocol/fromWire.js'
import type { StreamEvent } from '../protocol/model.js'
import type { RecordBatch } from './RecordBatch.js'
import { rowsToBatch } from './rowsToBatch.js'

export interface DecodeOptions {
  /** Longest accepted line in bytes; default 64 MiB. */
  maxLineBytes?: number
  signal?: AbortSignal
}

/**
 * The lines of a trace stream as events; unknown types are skipped. Whether the stream is complete is for
 * the reader of the events to judge.
 *
 * @throws {TraceError} `MALFORMED_LINE`, `LINE_TOO_LONG`, `STREAM_TRUNCATED`
 * @throws `signal.reason` on abort, and whatever reading `bytes` throws
 */
export async function* decodeTraceStream(
  bytes: ByteSource,
  { maxLineBytes = LIMITS.maxLineBytes, signal }: DecodeOptions = {},
): AsyncGenerator<StreamEvent<RecordBatch>, void, undefined> {
  const splitter = createLineSplitter(maxLineBytes)
  for await (const chunk of readChunks(bytes, signal)) {
    for (const line of splitter.lines(chunk)) {
      if (isBlankLine(line)) continue
      const event = readEvent(line, splitter.lineNumber)
      if (event) yield event
      signal?.throwIfAborted()
    }
  }
  splitter.end()
}

function readEvent(line: Uint8Array, lineNumber: number): StreamEvent<RecordBatch> | null {
  const event = streamEvent(parseLine(line, lineNumber), lineNumber, (data) => toBatch(data, lineNumber))
  if (event?.type === 'records' && event.count !== event.rows.length) {
    throw new TraceError(
      'MALFORMED_LINE',
      `Line ${lineNumber} of the stream has ${event.rows.length} rows but says ${event.count}`,
      { line: lineNumber },
    )
  }
  return event
}

function toBatch(data: unknown[], lineNumber: number): RecordBatch {
  try {
    return rowsToBatch(data)
  } catch (cause) {
    if (!isTraceError(cause)) throw cause
    throw new TraceError('MALFORMED_LINE', `Line ${lineNumber} of the stream: ${cause.message}`, {
      cause,
      line: lineNumber,
    })
  }
}
