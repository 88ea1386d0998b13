import { readChunks, type ByteSource } from '../ndjson/readChunks.js'
import { LIMITS } from '../protocol/limits.js'
import type { StreamEvent } from '../protocol/model.js'
import { createEventReader } from './columns/createEventReader.js'
import { createTraceDecoder } from './columns/createTraceDecoder.js'
import { createSlicer } from './createSlicer.js'
import type { RecordBatch } from './RecordBatch.js'

export interface DecodeOptions {
  /** Longest accepted line in bytes; default 64 MiB. */
  maxLineBytes?: number
  signal?: AbortSignal
  /** Called when bytes have come, whether or not they make an event. */
  onBytes?: () => void
}

/**
 * The lines of a trace stream as events; unknown types are skipped. Whether the stream is complete is for
 * the reader of the events to judge. Works in slices, so that a page stays usable.
 *
 * @throws {TraceError} `MALFORMED_LINE`, `LINE_TOO_LONG`, `STREAM_TRUNCATED`
 * @throws `signal.reason` on abort, and whatever reading `bytes` throws
 */
export async function* decodeTraceStream(
  bytes: ByteSource,
  { maxLineBytes = LIMITS.maxLineBytes, signal, onBytes = () => {} }: DecodeOptions = {},
): AsyncGenerator<StreamEvent<RecordBatch>, void, undefined> {
  const decoder = createTraceDecoder(maxLineBytes)
  const toEvent = createEventReader()
  const slicer = createSlicer()
  for await (const chunk of readChunks(bytes, signal)) {
    onBytes()
    for (const line of decoder.lines(chunk)) {
      const event = line && toEvent(line)
      if (event) yield event
      if (slicer.isDue()) await slicer.pause()
      signal?.throwIfAborted()
    }
  }
  decoder.end()
}
