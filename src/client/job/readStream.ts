import { isTraceError, TraceError } from '../../errors.js'
import type { ByteSource } from '../../json/readChunks.js'
import type { StreamEvent } from '../../protocol/index.js'
import type { RecordBatch } from '../../records/RecordBatch.js'
import type { TraceFormat } from '../../records/decodeTraceStream.js'
import type { LinkedSignal } from '../../async/abort.js'
import { sendRequest } from '../http/sendRequest.js'
import type { TraceContext } from '../run/TraceContext.js'
import { watchSilence } from '../http/watchSilence.js'
import { withDeadline } from '../http/withDeadline.js'

/** Bytes to decode, as they come. */
export interface StreamedBody {
  bytes: ByteSource | null
  format: TraceFormat
}

/**
 * The events of one streamed answer.
 *
 * @throws {TraceError} `STREAM_TRUNCATED` when the connection breaks, `STREAM_SILENT`, and what decoding throws
 * @throws `link.signal.reason` at once on abort
 */
export async function* readStream(
  { bytes, format }: StreamedBody,
  link: LinkedSignal,
  context: TraceContext,
): AsyncGenerator<StreamEvent<RecordBatch>, void> {
  if (!bytes) throw new TraceError('UNEXPECTED_RESPONSE', 'The answer has no body')
  const { environment } = context
  try {
    yield* watchSilence(
      (onBytes) => environment.decode(bytes, { format, signal: link.signal, onBytes }),
      link,
      context,
    )
  } catch (cause) {
    link.signal.throwIfAborted()
    if (isTraceError(cause)) throw cause
    throw new TraceError('STREAM_TRUNCATED', 'The connection broke before the result was complete', { cause })
  }
}

/** Asks for a stream, and its events. The answer must begin within the time of a silence. */
export async function* openStream(
  url: string,
  link: LinkedSignal,
  context: TraceContext,
): AsyncGenerator<StreamEvent<RecordBatch>, void> {
  const response = await withDeadline(context.policy.silenceMs, link, context.environment, () =>
    sendRequest(
      { method: 'GET', url, headers: { Accept: 'application/x-ndjson' }, isForDecode: true },
      link.signal,
      context,
    ),
  )
  yield* readStream({ bytes: response.body, format: 'lines' }, link, context)
}
