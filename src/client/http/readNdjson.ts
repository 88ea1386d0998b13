import { isTraceError, TraceError } from '../../errors.js'
import { createNdjsonDecoder } from '../../json/createNdjsonDecoder.js'
import { readChunks } from '../../json/readChunks.js'
import { linkSignal } from '../../async/abort.js'
import { sendRequest, withDeadline } from './sendRequest.js'
import type { TraceContext } from '../run/TraceContext.js'
import { watchSilence } from './watchSilence.js'

/**
 * The values of any NDJSON answer, as many at a time as a chunk completed. It knows nothing of traces: the caller
 * judges whether all values came.
 *
 * @param read makes something of each; what it throws is thrown with the number of the line
 * @throws {TraceError} `STREAM_TRUNCATED`, `STREAM_SILENT`, `MALFORMED_LINE`, `LINE_TOO_LONG`, `FOREIGN_URL`,
 *   `NETWORK_ERROR`, or what the server said
 * @throws `signal.reason` at once on abort
 */
export async function* readNdjson<T = unknown>(
  url: string,
  context: TraceContext,
  read?: (value: unknown) => T,
): AsyncGenerator<T[], void> {
  const { environment, policy } = context
  const link = linkSignal(context.signal)
  const decoder = createNdjsonDecoder<T>({ read })
  try {
    const { body } = await withDeadline(policy.silenceMs, link, environment, () =>
      sendRequest({ method: 'GET', url, headers: { Accept: 'application/x-ndjson' } }, link.signal, context),
    )
    if (body) {
      for await (const chunk of watchSilence(() => readChunks(body, link.signal), link, context)) {
        const values = decoder.push(chunk)
        if (values.length > 0) yield values
      }
    }
    decoder.end()
  } catch (cause) {
    link.signal.throwIfAborted()
    if (isTraceError(cause)) throw cause
    throw new TraceError('STREAM_TRUNCATED', 'The connection broke before the stream ended', {
      cause,
      line: decoder.openLine,
    })
  } finally {
    link.abort()
    link.unlink()
  }
}
