import type { StoredChunk } from '../ports/index.js'
import { isStoredChunk, type BodyChunks } from '../services/store/bodyChunks.js'
import { acceptsGzip } from './acceptsGzip.js'
import { gzipMember } from './gzipMember.js'

const utf8 = new TextEncoder()

export interface StreamedOptions {
  headers: Record<string, string>
  decode: (chunk: StoredChunk) => Uint8Array
  /** Whether most of it is stored deflated; else gzip would be work for nothing. Default yes. */
  isDeflated?: boolean
  /** Says in the body what broke it; without it the body breaks off. */
  errorLine?: (cause: unknown) => string
  /** Called when the reader has gone. */
  onCancel?: () => void
}

/** An answer written chunk by chunk, as fast as it is read; deflated as it is stored where the reader takes that. */
export function streamed(
  request: Request,
  body: BodyChunks,
  { headers, decode, isDeflated = true, errorLine, onCancel }: StreamedOptions,
): Response {
  const asGzip = isDeflated && acceptsGzip(request)
  const stream = toByteStream(asGzip ? gzipMember(body) : inflated(body, decode, errorLine), onCancel)
  return new Response(stream, {
    headers: { ...headers, Vary: 'Accept-Encoding', ...(asGzip ? { 'Content-Encoding': 'gzip' } : {}) },
  })
}

async function* inflated(
  body: BodyChunks,
  decode: (chunk: StoredChunk) => Uint8Array,
  errorLine?: (cause: unknown) => string,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      if (typeof chunk === 'string') yield utf8.encode(chunk)
      else yield isStoredChunk(chunk) ? decode(chunk) : chunk
    }
  } catch (cause) {
    if (!errorLine) throw cause
    yield utf8.encode(errorLine(cause))
  }
}

/** A pull source: a slow client slows the reading of the log, and a closed connection ends it. */
function toByteStream(bytes: AsyncGenerator<Uint8Array>, onCancel?: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await bytes.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel() {
        onCancel?.()
        // Not awaited: what the generator waits for may take its time to notice.
        void bytes.return(undefined).catch(() => {})
      },
    },
    { highWaterMark: 0 },
  )
}
