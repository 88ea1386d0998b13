import { toTraceError } from '../../errors.js'
import { readChunks } from '../../json/readChunks.js'
import { createDecoder } from '../../records/columns/createDecoder.js'
import type { DecodedLine } from '../../records/columns/TraceDecoder.js'
import type { TraceFormat } from '../../records/columns/TraceDecoder.js'
import { createNotifier } from '../../async/notifier.js'
import type { FetchOrder, StreamNews, StreamOrder } from './protocol.js'

/** Time between two words that bytes have come, in ms: enough for a page that gives up after seconds of silence. */
const HEARD_MS = 100

/** The worker's end of one stream: carries out `order` after order, and tells with `post` what came of it. */
export function serveStream(
  post: (news: StreamNews, transfer?: ArrayBuffer[]) => void,
): (order: StreamOrder) => void {
  const closing = new AbortController()
  const inbox: Extract<StreamOrder, { type: 'bytes' | 'end' }>[] = []
  const ordered = createNotifier()
  let fetched: AsyncGenerator<Uint8Array, void> | null = null
  let cut: string | null = null
  let credit = 1

  async function startFetch(url: string, init: FetchOrder) {
    try {
      const { type, status, headers, body } = await fetch(url, { ...init, signal: closing.signal })
      if (body) fetched = readFetched(body)
      post({ type: 'response', response: { type, status, headers: [...headers], hasBody: body !== null } })
    } catch (error) {
      post({ type: 'unreachable', message: String(error) })
    }
  }

  async function* readFetched(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    let heardAt = -Infinity
    try {
      for await (const chunk of readChunks(body, closing.signal)) {
        const now = performance.now()
        if (now - heardAt >= HEARD_MS) {
          heardAt = now
          post({ type: 'heard' })
        }
        yield chunk
      }
    } catch (error) {
      cut = String(error)
    }
  }

  async function* readFromPage(): AsyncGenerator<Uint8Array, void> {
    while (!closing.signal.aborted) {
      const message = inbox.shift()
      if (!message) await ordered.notified()
      else if (message.type === 'end') {
        if (message.isCut) cut = 'The page could not read on'
        return
      } else {
        const { buffer, length } = message
        yield new Uint8Array(buffer, 0, length)
        post({ type: 'free', buffer }, [buffer])
      }
    }
  }

  async function pull() {
    const { value } = await fetched!.next()
    if (!value) return post({ type: 'end', cut })
    const bytes = value.slice()
    post({ type: 'chunk', bytes }, [bytes.buffer])
  }

  async function give(lines: Iterable<DecodedLine | null>) {
    for (const line of lines) {
      if (!line) continue
      while (credit === 0 && !closing.signal.aborted) await ordered.notified()
      if (closing.signal.aborted) return
      credit--
      post({ type: 'line', line }, transferOf(line))
    }
  }

  async function decode(chunks: AsyncIterable<Uint8Array>, format: TraceFormat, maxLineBytes: number) {
    const decoder = createDecoder(format, maxLineBytes)
    try {
      for await (const chunk of chunks) {
        await give(decoder.lines(chunk))
        if (closing.signal.aborted) return
      }
      if (cut === null) await give(decoder.end())
      post({ type: 'end', cut })
    } catch (error) {
      const { code, message, line } = toTraceError(error)
      post({ type: 'fault', code, message, line })
    }
  }

  return (order) => {
    if (order.type === 'fetch') void startFetch(order.url, order.init)
    else if (order.type === 'pull') void pull()
    else if (order.type === 'decode') void decode(fetched ?? readFromPage(), order.format, order.maxLineBytes)
    else if (order.type === 'credit') credit += order.lines
    else if (order.type === 'close') closing.abort()
    else inbox.push(order)
    ordered.notify()
  }
}

function transferOf({ rows }: DecodedLine): ArrayBuffer[] {
  return rows && 'buffer' in rows ? [rows.buffer] : []
}
