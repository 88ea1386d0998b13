import { createNotifier } from '../../async/notifier.js'
import { toTraceError } from '../../errors.js'
import { readChunks } from '../../json/readChunks.js'
import { createDecoder } from '../../records/columns/createDecoder.js'
import { createTraceDecoder } from '../../records/columns/createTraceDecoder.js'
import type { DecodedLine, TraceFormat } from '../../records/columns/TraceDecoder.js'
import type {
  DecodePort,
  FetchInit,
  WorkerEvent,
  DecodeEvent,
  DecodeCommand,
  WorkerCommand,
} from './protocol.js'

/** The worker's side: obeys the commands of the page at the other end of `port`, for any number of streams. */
export function serveDecoder(port: DecodePort<WorkerCommand, WorkerEvent>): { hasStreams: () => boolean } {
  const streams = new Map<number, (command: DecodeCommand) => void>()

  port.onmessage = ({ data: command }) => {
    const { stream, type } = command
    if (!streams.has(stream) && (type === 'fetch' || type === 'decode')) {
      streams.set(
        stream,
        serveStream((event, transfer = []) => port.postMessage({ stream, ...event }, transfer)),
      )
    }
    // Commands for a stream that has ended may still be under way.
    streams.get(stream)?.(command)
    if (type === 'close') streams.delete(stream)
  }
  port.postMessage({ type: 'ready' }, [])
  return { hasStreams: () => streams.size > 0 }
}

/** Time between two `heard` events, in ms: enough for a page that gives up after seconds of silence. */
const HEARD_MS = 100

/** The worker's end of one stream: obeys one command after the other, and posts events. */
function serveStream(
  post: (event: DecodeEvent, transfer?: ArrayBuffer[]) => void,
): (command: DecodeCommand) => void {
  const closing = new AbortController()
  const inbox: Extract<DecodeCommand, { type: 'bytes' | 'end' }>[] = []
  const commanded = createNotifier()
  let fetched: AsyncGenerator<Uint8Array, void> | null = null
  let cut: string | null = null
  let credit = 1

  async function startFetch(url: string, init: FetchInit) {
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
      if (!message) await commanded.notified()
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
      while (credit === 0 && !closing.signal.aborted) await commanded.notified()
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

  return (command) => {
    if (command.type === 'fetch') void startFetch(command.url, command.init)
    else if (command.type === 'pull') void pull()
    else if (command.type === 'decode')
      void decode(fetched ?? readFromPage(), command.format, command.maxLineBytes)
    else if (command.type === 'credit') credit += command.lines
    else if (command.type === 'close') closing.abort()
    else inbox.push(command)
    commanded.notify()
  }
}

function transferOf({ rows }: DecodedLine): ArrayBuffer[] {
  return rows && 'buffer' in rows ? [rows.buffer] : []
}

const BURSTS = 5
const BURST_MS = 20
/** Meanwhile the engine compiles, on threads of its own, and the page has the processor. */
const PAUSE_MS = 25

const LINES = 4
const ROWS_PER_LINE = 300

/**
 * Decodes made-up lines for some 200 ms, and only while it `isNeeded`, so that the engine compiles the decoder. Without
 * it, slow code would read a stream's first lines, and compiling would keep both cores busy while the page draws its
 * first rows. A worker has nothing else to do until a stream comes.
 */
export async function warmUp(isNeeded: () => boolean) {
  const bytes = new TextEncoder().encode(Array.from({ length: LINES }, (_, batch) => line(batch)).join(''))
  // When a buffer is transferred for the first time, Chromium throws away all that it has compiled for buffers. Reading
  // a body does it: now, and not by the first bytes of the stream.
  for await (const _ of readChunks(new Response(bytes).body!));
  // The first burst always: even a stream that waits already has its first rows sooner.
  for (let burst = 0; burst === 0 || (burst < BURSTS && isNeeded()); burst++) {
    const until = performance.now() + BURST_MS
    while (performance.now() < until) {
      const decoder = createTraceDecoder(bytes.length)
      // A generator works only as far as it is asked.
      for (const _ of decoder.lines(bytes));
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

/** Rows as they come: values that repeat the row above, that come back, that are new; numbers, and none. */
function line(batch: number): string {
  const data = Array.from({ length: ROWS_PER_LINE }, (_, i) => {
    const n = batch * ROWS_PER_LINE + i
    return {
      CONTAINERID: `4881038029${n >> 4}`,
      WORKCENTERNAME: `焊接_${n % 12}`,
      EQUIPMENTID: `4880a38${(n * 7919) % 331}`,
      TRACKINTIMESTAMP: `2026-05-05 19:${10 + (n % 50)}:${n}`,
      TRACKINQTY: 23_750 + n,
      QTYCONSUMED: n / 8,
      FINISHEDRUNCARD: n % 10 === 9 ? `RC${n >> 5}` : null,
      PJ_TYPE: 'SMA',
    }
  })
  return `${JSON.stringify({ type: 'records', domain: 'warm-up', batch, count: ROWS_PER_LINE, data })}\n`
}
