import { createSlicer } from '../async/slices.js'
import { readChunks, type ByteSource } from '../json/readChunks.js'
import { LIMITS } from '../protocol/limits.js'
import type { StreamEvent } from '../protocol/model.js'
import { createDecoder } from './columns/createDecoder.js'
import { createEventReader } from './columns/createEventReader.js'
import type { TraceFormat } from './columns/TraceDecoder.js'
import type { RecordBatch } from './RecordBatch.js'

export interface DecodeOptions {
  /** Default `lines`. */
  format?: TraceFormat
  /** Longest accepted line, or row of an answer, in bytes; default 64 MiB. */
  maxLineBytes?: number
  signal?: AbortSignal
  /** Called when bytes have come, whether or not they make an event. */
  onBytes?: () => void
}

/**
 * The lines of a trace stream, or a whole answer, as events; unknown types are skipped. The reader of the
 * events judges whether the stream is complete. Works in slices, so that a page stays usable.
 *
 * @throws {TraceError} `MALFORMED_LINE`, of an answer `UNEXPECTED_RESPONSE`; `LINE_TOO_LONG`, `STREAM_TRUNCATED`
 * @throws `signal.reason` on abort, and what reading `bytes` throws
 */
export async function* decodeTraceStream(
  bytes: ByteSource,
  { format = 'lines', maxLineBytes = LIMITS.maxLineBytes, signal, onBytes = () => {} }: DecodeOptions = {},
): AsyncGenerator<StreamEvent<RecordBatch>, void, undefined> {
  const decoder = createDecoder(format, maxLineBytes)
  const toEvents = createEventReader()
  const slicer = createSlicer()
  for await (const chunk of readChunks(bytes, signal)) {
    onBytes()
    for (const line of decoder.lines(chunk)) {
      if (line) yield* toEvents(line)
      if (slicer.isDue()) await slicer.pause()
      signal?.throwIfAborted()
    }
  }
  for (const line of decoder.end()) yield* toEvents(line)
}
