import { afterEach, describe, expect, it, vi } from 'vitest'
import { isTraceError } from '../../errors.js'
import type { ByteSource } from '../../json/readChunks.js'
import { decodeTraceStream, type DecodeOptions } from '../../records/decodeTraceStream.js'
import type { DecodeWorkerPort } from './connection.js'
import { createWorkerDecoder, type WorkerDecoder } from './page.js'
import { BUFFER_BYTES, BUFFER_COUNT, LINE_CREDIT, type DecodePort, type WorkerEvent, type WorkerCommand } from './protocol.js' // prettier-ignore
import { serveDecoder } from './worker.js'

const encoder = new TextEncoder()

/** Workers that run in this thread, at the other end of a real channel: buffers are transferred. */
function createWorkers() {
  const workers: { isTerminated: boolean; sent: WorkerEvent[]; page: DecodeWorkerPort }[] = []

  function start(): DecodeWorkerPort {
    const { port1, port2 } = new MessageChannel()
    const page = Object.assign(port1, {
      onerror: null,
      terminate: () => {
        worker.isTerminated = true
        port1.close()
      },
    }) as unknown as DecodeWorkerPort
    const worker = { isTerminated: false, sent: [] as WorkerEvent[], page }
    const inside = port2 as unknown as DecodePort<WorkerCommand, WorkerEvent>
    const post = inside.postMessage.bind(inside)
    inside.postMessage = (message, transfer) => {
      worker.sent.push(message)
      post(message, transfer)
    }
    workers.push(worker)
    serveDecoder(inside)
    return page
  }

  return { workers, start }
}

const decoders: WorkerDecoder[] = []
function createDecoder(options: Parameters<typeof createWorkerDecoder>[0]): WorkerDecoder {
  const decoder = createWorkerDecoder(options)
  decoders.push(decoder)
  return decoder
}

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  decoders.splice(0).forEach((decoder) => decoder.dispose())
})

function recordsLine(batch: number, rows: number): string {
  const data = Array.from({ length: rows }, (_, i) => ({ ID: `C${batch * rows + i}`, STATION: '測試', QTY: i, NOTE: null })) // prettier-ignore
  return `${JSON.stringify({ type: 'records', domain: 'history', batch, count: rows, data })}\n`
}

const stream =
  '{"type":"meta","seq":1,"domains":["history"]}\n' +
  recordsLine(0, 3) +
  '{"type":"novelty"}\n\n' +
  recordsLine(1, 300) +
  '{"type":"complete","total_records":303}\n'

async function* inPieces(text: string, size: number) {
  const bytes = encoder.encode(text)
  for (let i = 0; i < bytes.length; i += size) yield bytes.slice(i, i + size)
}

type Decode = (bytes: ByteSource, options?: DecodeOptions) => ReturnType<typeof decodeTraceStream>

/** All events, rows as objects, and the fault. */
async function collect(decode: Decode, bytes: ByteSource, options?: DecodeOptions) {
  const events: unknown[] = []
  try {
    for await (const event of decode(bytes, options)) {
      if (event.type !== 'records') events.push(event)
      else
        events.push({ ...event, rows: Array.from({ length: event.rows.length }, (_, i) => event.rows.at(i)) })
    }
  } catch (error) {
    return { events, fault: isTraceError(error) ? { code: error.code, line: error.line } : error }
  }
  return { events, fault: null }
}

describe('createWorkerDecoder', () => {
  it('waits until the first rows are drawn, then decodes no further than a page with no time to spare has room for', async () => {
    const idle: (() => void)[] = []
    vi.stubGlobal('requestIdleCallback', (run: () => void) => idle.push(run))
    const { workers, start } = createWorkers()
    const { decode } = createDecoder({ startWorker: start })
    const linesSent = () => workers[0]!.sent.filter(({ type }) => type === 'line').length
    const lines = Array.from({ length: 10 }, (_, i) => recordsLine(i, 1)).join('')
    const events = decode(inPieces(lines, 1000))

    await events.next()
    let next = events.next()
    await vi.waitUntil(() => idle.length === 1)
    expect(linesSent()).toBe(1)

    idle.shift()!()
    for (let i = 0; i < LINE_CREDIT; i++) {
      expect((await next).value).toMatchObject({ type: 'records' })
      next = events.next()
    }
    await vi.waitUntil(() => idle.length === LINE_CREDIT)
    expect(linesSent()).toBe(1 + LINE_CREDIT)

    idle.forEach((run) => run())
    await next
    await events.return(undefined)
  })

  it('gives the events that the page would give, wherever the bytes are cut', async () => {
    const { workers, start } = createWorkers()
    const { decode } = createDecoder({ startWorker: start })
    const wanted = await collect(decodeTraceStream, inPieces(stream, 1000))
    expect(wanted.events).toHaveLength(4)
    for (const size of [1, 7, 1000, 1 << 20])
      expect(await collect(decode, inPieces(stream, size))).toEqual(wanted)
    expect(workers).toHaveLength(1)
  })

  it('gives the events of a whole answer too', async () => {
    const { workers, start } = createWorkers()
    const { decode } = createDecoder({ startWorker: start })
    const data = Array.from({ length: 12_000 }, (_, i) => ({ N: i, 站: '測試' }))
    const answer = JSON.stringify({ results: { history: { data, count: data.length } } })
    for (const text of [answer, answer.slice(0, -1), '<html>']) {
      const wanted = await collect(decodeTraceStream, inPieces(text, 1000), { format: 'answer' })
      expect(await collect(decode, inPieces(text, 1000), { format: 'answer' })).toEqual(wanted)
    }
    expect(workers[0]!.sent.filter(({ type }) => type === 'line')).toHaveLength(13)
  })

  it('gives the same faults, after the same events', async () => {
    const { decode } = createDecoder({ startWorker: createWorkers().start })
    const faulty = [
      `${stream}{"type":"records","domain":"d","batch":0,"count":2,"data":[{}]}\n`,
      `${stream}{oops\n`,
      stream.slice(0, -1),
    ]
    for (const text of faulty) {
      const wanted = await collect(decodeTraceStream, inPieces(text, 500))
      expect(wanted.fault).not.toBeNull()
      expect(await collect(decode, inPieces(text, 500))).toEqual(wanted)
    }
    const long = await collect(decode, inPieces(stream, 500), { maxLineBytes: 200 })
    expect(long.fault).toEqual({ code: 'LINE_TOO_LONG', line: 2 })
  })

  it('gives what came before the source broke, then what broke it', async () => {
    const { decode } = createDecoder({ startWorker: createWorkers().start })
    const broken = new TypeError('network error')
    async function* source() {
      yield encoder.encode(stream)
      throw broken
    }
    const { events, fault } = await collect(decode, source())
    expect(events).toHaveLength(4)
    expect(fault).toBe(broken)
  })

  it('decodes several streams in one worker at a time', async () => {
    const { workers, start } = createWorkers()
    const { decode } = createDecoder({ startWorker: start })
    const wanted = await collect(decodeTraceStream, inPieces(stream, 100))
    const all = await Promise.all([1, 2, 3].map((n) => collect(decode, inPieces(stream, 99 * n))))
    expect(all).toEqual([wanted, wanted, wanted])
    expect(workers).toHaveLength(1)
  })

  it('leaves the given bytes as they were, and takes chunks larger than its buffers', async () => {
    const { decode } = createDecoder({ startWorker: createWorkers().start })
    const chunk = encoder.encode(recordsLine(0, 40_000))
    expect(chunk.length).toBeGreaterThan(3 * BUFFER_BYTES)
    const copy = chunk.slice()
    async function* source() {
      yield chunk
    }
    expect((await collect(decode, source())).fault).toBeNull()
    expect(chunk.length).toBe(copy.length)
    expect(chunk.every((byte, i) => byte === copy[i])).toBe(true)
  })

  it('reads no further ahead than its buffers and its credit allow', async () => {
    const { workers, start } = createWorkers()
    const { decode } = createDecoder({ startWorker: start })
    let read = 0
    async function* endless() {
      for (;;) {
        read++
        yield encoder.encode(recordsLine(read, 1))
      }
    }
    const events = decode(endless())
    await events.next()
    await vi.waitFor(() => expect(read).toBeGreaterThan(BUFFER_COUNT))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const lines = workers[0]!.sent.filter((message) => message.type === 'line')
    // One has been used; what it made room for is on its way.
    expect(lines.length).toBeLessThanOrEqual(LINE_CREDIT + 1)
    expect(read).toBeLessThanOrEqual(BUFFER_COUNT + lines.length + 1)
    const readThen = read
    for (let i = 0; i < 50; i++) await events.next()
    expect(read).toBeGreaterThan(readThen)
    await events.return()
  })

  it('stops at once on abort, though source and worker are silent', async () => {
    const { decode } = createDecoder({ startWorker: createWorkers().start })
    const cancelled = vi.fn()
    const silent = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(stream)),
      cancel: cancelled,
    })
    const controller = new AbortController()
    const events = decode(silent, { signal: controller.signal })
    for (let i = 0; i < 4; i++) await events.next()
    const pending = events.next()
    controller.abort('enough')
    await expect(pending).rejects.toBe('enough')
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalledWith('enough'))
  })

  it('cancels the source when the reader leaves', async () => {
    const { decode } = createDecoder({ startWorker: createWorkers().start })
    const cancelled = vi.fn()
    const open = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(stream)),
      cancel: cancelled,
    })
    for await (const event of decode(open)) {
      expect(event.type).toBe('meta')
      break
    }
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalled())
  })

  it('starts the worker ahead of the first stream, and ends it when none comes', async () => {
    const { workers, start } = createWorkers()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { decode, prepare } = createDecoder({ startWorker: start, idleMs: 1000 })
    prepare()
    expect(workers).toHaveLength(1)
    await collect(decode, inPieces(stream, 1000))
    prepare()
    expect(workers).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1100)
    expect(workers[0]!.isTerminated).toBe(true)
  })

  it('ends the worker when it has been idle, not before, and starts another when needed', async () => {
    const { workers, start } = createWorkers()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { decode } = createDecoder({ startWorker: start, idleMs: 1000 })
    await collect(decode, inPieces(stream, 1000))
    await vi.advanceTimersByTimeAsync(900)
    await collect(decode, inPieces(stream, 1000))
    await vi.advanceTimersByTimeAsync(900)
    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([false])
    await vi.advanceTimersByTimeAsync(200)
    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true])
    expect((await collect(decode, inPieces(stream, 1000))).events).toHaveLength(4)
    expect(workers).toHaveLength(2)
  })
})

/** A server: what `fetch` gives for each request, the worker's among them. */
function stubFetch(answer: (signal: AbortSignal) => Response | Promise<Response>) {
  const fetch = vi.fn((_url: string, init: RequestInit) => Promise.resolve(answer(init.signal!)))
  vi.stubGlobal('fetch', fetch)
  return fetch
}

/** A body of bytes, as `fetch` gives it; `end` is what comes behind `text`. */
function bytesOf(text: string, size: number, end = closeBytes) {
  const bytes = encoder.encode(text)
  let at = 0
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      if (at >= bytes.length) return end(controller)
      controller.enqueue(bytes.slice(at, (at += size)))
    },
  }) as ReadableStream<Uint8Array<ArrayBuffer>>
}

function closeBytes(controller: ReadableByteStreamController) {
  controller.close()
  controller.byobRequest?.respond(0)
}

const url = 'http://trace.test/stream'
const open = () => ({ signal: new AbortController().signal })

describe('createWorkerDecoder().fetch', () => {
  it('has the bytes fetched and decoded in the worker, wherever they are cut: none passes through the page', async () => {
    const wanted = await collect(decodeTraceStream, inPieces(stream, 1000))
    for (const size of [1, 7, 1000, 1 << 20]) {
      stubFetch(() => new Response(bytesOf(stream, size), { headers: { 'X-Trace': 'yes' } }))
      const { workers, start } = createWorkers()
      const decoder = createDecoder({ startWorker: start })
      const response = await decoder.fetch(url, open())
      expect([response.status, response.headers.get('x-trace')]).toEqual([200, 'yes'])
      expect(await collect(decoder.decode, response.body!)).toEqual(wanted)
      const told = new Set(workers[0]!.sent.map(({ type }) => type))
      expect([...told].sort()).toEqual(['end', 'heard', 'line', 'ready', 'response'])
    }
  })

  it('asks as the page would', async () => {
    const fetch = stubFetch(() => new Response('{}'))
    const { fetch: fetchInWorker } = createDecoder({ startWorker: createWorkers().start })
    await fetchInWorker(url, {
      ...open(),
      method: 'GET',
      headers: { Authorization: 'Bearer 1' },
      credentials: 'include',
      redirect: 'manual',
    })
    expect(fetch).toHaveBeenCalledTimes(1)
    expect(fetch.mock.calls[0]).toMatchObject([
      url,
      { method: 'GET', headers: [['authorization', 'Bearer 1']], credentials: 'include', redirect: 'manual' },
    ])
  })

  it('gives the bytes to whoever reads the body on the page', async () => {
    const decoder = createDecoder({ startWorker: createWorkers().start })
    stubFetch(() => new Response(bytesOf(stream, 100)))
    expect(await new Response((await decoder.fetch(url, open())).body).text()).toBe(stream)
    stubFetch(() => Response.json({ error: { code: 'JOB_NOT_FOUND' } }, { status: 404 }))
    const refused = await decoder.fetch(url, open())
    expect([refused.status, await refused.json()]).toEqual([404, { error: { code: 'JOB_NOT_FOUND' } }])
    stubFetch(() => new Response(null, { status: 204 }))
    expect((await decoder.fetch(url, open())).body).toBeNull()
  })

  it('gives what came before the connection broke, then says that it did', async () => {
    const decoder = createDecoder({ startWorker: createWorkers().start })
    const breakOff = (controller: ReadableByteStreamController) =>
      controller.error(new TypeError('network error'))
    stubFetch(() => new Response(bytesOf(stream, 100, breakOff)))
    const { body } = await decoder.fetch(url, open())
    const { events, fault } = await collect(decoder.decode, body!)
    expect(events).toHaveLength(4)
    expect(fault).toMatchObject({ name: 'TypeError', message: 'TypeError: network error' })
    const read = new Response((await decoder.fetch(url, open())).body).text()
    await expect(read).rejects.toThrow('network error')
  })

  it('reads no further ahead than its credit allows, and goes on', async () => {
    const { workers, start } = createWorkers()
    const decoder = createDecoder({ startWorker: start })
    let read = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(encoder.encode(recordsLine(read++, 1))),
    })
    stubFetch(() => new Response(endless))
    const events = decoder.decode((await decoder.fetch(url, open())).body!)
    await events.next()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const lines = workers[0]!.sent.filter(({ type }) => type === 'line')
    expect(lines.length).toBeLessThanOrEqual(LINE_CREDIT + 1)
    // One line waits for its credit, and streams hold one chunk ready.
    expect(read).toBeLessThanOrEqual(lines.length + 3)
    const readThen = read
    for (let i = 0; i < 50; i++) await events.next()
    expect(read).toBeGreaterThan(readThen)
    await events.return()
  })

  it('tells that bytes come, though they make no line yet', async () => {
    const decoder = createDecoder({ startWorker: createWorkers().start })
    const half = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(stream.slice(0, 20))),
    })
    stubFetch(() => new Response(half))
    const onBytes = vi.fn()
    const events = decoder.decode((await decoder.fetch(url, open())).body!, { onBytes })
    void events.next().catch(() => {})
    await vi.waitFor(() => expect(onBytes).toHaveBeenCalledTimes(1))
    decoder.dispose()
  })

  it('stops at once on abort: before the answer, in the body, and while it is decoded', async () => {
    const { start } = createWorkers()
    const decoder = createDecoder({ startWorker: start })
    const asked: AbortSignal[] = []

    const early = new AbortController()
    stubFetch((signal) => (asked.push(signal), new Promise(() => {})))
    const unanswered = decoder.fetch(url, early)
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    early.abort('enough')
    await expect(unanswered).rejects.toBe('enough')

    const silent = () => new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(encoder.encode(stream)) })
    stubFetch((signal) => (asked.push(signal), new Response(silent())))
    const late = new AbortController()
    const text = new Response((await decoder.fetch(url, late)).body).text()
    late.abort('enough')
    await expect(text).rejects.toBe('enough')

    const later = new AbortController()
    const { signal } = later
    const events = decoder.decode((await decoder.fetch(url, later)).body!, { signal })
    for (let i = 0; i < 4; i++) await events.next()
    const pending = events.next()
    later.abort('enough')
    await expect(pending).rejects.toBe('enough')

    await vi.waitFor(() => expect(asked.map(({ aborted }) => aborted)).toEqual([true, true, true]))
  })

  it('ends the request when the reader leaves', async () => {
    const decoder = createDecoder({ startWorker: createWorkers().start })
    const asked: AbortSignal[] = []
    const silent = () => new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(encoder.encode(stream)) })
    stubFetch((signal) => (asked.push(signal), new Response(silent())))
    for await (const _ of decoder.decode((await decoder.fetch(url, open())).body!)) break
    await (await decoder.fetch(url, open())).body!.cancel()
    await vi.waitFor(() => expect(asked.map(({ aborted }) => aborted)).toEqual([true, true]))
  })

  it('keeps the worker as long as something is fetched, and no longer', async () => {
    const { workers, start } = createWorkers()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const decoder = createDecoder({ startWorker: start, idleMs: 1000 })
    stubFetch(() => new Response(bytesOf(stream, 1000)))
    const { body } = await decoder.fetch(url, open())
    await vi.advanceTimersByTimeAsync(5000)
    expect(workers[0]!.isTerminated).toBe(false)
    expect((await collect(decoder.decode, body!)).events).toHaveLength(4)
    await vi.advanceTimersByTimeAsync(1100)
    expect(workers[0]!.isTerminated).toBe(true)
  })

  it('says that the stream broke off when the worker breaks down, whoever reads', async () => {
    const truncated = { code: 'STREAM_TRUNCATED', retryable: true }
    for (const read of ['decoding', 'the body', 'nothing yet'] as const) {
      const { workers, start } = createWorkers()
      const decoder = createDecoder({ startWorker: start })
      const silent = new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(encoder.encode('{}')) })
      stubFetch(() => new Response(silent))
      const { body } = await decoder.fetch(url, open())
      const breakDown = () => workers[0]!.page.onerror!(new Event('error'))
      if (read === 'nothing yet') breakDown()
      const reading = read === 'the body' ? new Response(body).text() : decoder.decode(body!).next()
      const rejected = expect(reading, read).rejects.toMatchObject(truncated)
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (read !== 'nothing yet') breakDown()
      await rejected
    }
  })

  it('ends decoding when the request is aborted, or was, whatever signal decoding has', async () => {
    const { workers, start } = createWorkers()
    const decoder = createDecoder({ startWorker: start })
    const silent = () => new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(encoder.encode(stream)) })
    stubFetch(() => new Response(silent()))
    const during = new AbortController()
    const events = decoder.decode((await decoder.fetch(url, during)).body!)
    for (let i = 0; i < 4; i++) await events.next()
    const pending = events.next()
    during.abort('enough')
    await expect(pending).rejects.toMatchObject({ code: 'STREAM_TRUNCATED' })

    const before = new AbortController()
    const { body } = await decoder.fetch(url, before)
    before.abort('enough')
    await expect(decoder.decode(body!).next()).rejects.toMatchObject({ code: 'STREAM_TRUNCATED' })
    expect(workers).toHaveLength(1)
  })

  it('lets the worker go however a request ended', async () => {
    const ended: (() => Promise<unknown>)[] = [
      async () => {
        stubFetch(() => new Promise(() => {}))
        const controller = new AbortController()
        const answer = decoder.fetch(url, controller)
        setTimeout(() => controller.abort('enough'), 10)
        await answer
      },
      async () => {
        stubFetch(() => new Response(null, { status: 204 }))
        await decoder.fetch(url, open())
      },
      async () => {
        stubFetch(() => new Response(bytesOf(stream, 100)))
        await (await decoder.fetch(url, open())).body!.cancel()
      },
      async () => {
        stubFetch(() => Promise.reject(new TypeError('Failed to fetch')))
        await decoder.fetch(url, open())
      },
    ]
    const { workers, start } = createWorkers()
    const decoder = createDecoder({ startWorker: start, idleMs: 20 })
    for (const [i, end] of ended.entries()) {
      await end().catch(() => {})
      await vi.waitFor(() => expect(workers[i]!.isTerminated).toBe(true))
    }
  })

  it('lets the page fetch what the worker cannot, or is refused, from then on at once', async () => {
    for (const refuse of [
      () => Promise.reject(new TypeError('refused')),
      () => Promise.resolve(new Response(null, { status: 401 })),
    ]) {
      let requests = 0
      const fetch = stubFetch(() => (requests++ === 0 ? refuse() : new Response(bytesOf(stream, 100))))
      const decoder = createDecoder({ startWorker: createWorkers().start })
      for (let i = 0; i < 2; i++) {
        const { body } = await decoder.fetch(url, open())
        expect((await collect(decoder.decode, body!)).events).toHaveLength(4)
      }
      expect(fetch).toHaveBeenCalledTimes(3)
    }
  })

  it('says what the page is told when neither is answered, and asks the worker first again', async () => {
    const { workers, start } = createWorkers()
    const decoder = createDecoder({ startWorker: start })
    const unreachable = stubFetch(() => Promise.reject(new TypeError('Failed to fetch')))
    await expect(decoder.fetch(url, open())).rejects.toThrow('Failed to fetch')
    expect(unreachable).toHaveBeenCalledTimes(2)
    const refused = stubFetch(() => new Response(null, { status: 403 }))
    expect((await decoder.fetch(url, open())).status).toBe(403)
    expect(refused).toHaveBeenCalledTimes(2)
    stubFetch(() => new Response('{}'))
    await decoder.fetch(url, open())
    expect(workers[0]!.sent.filter(({ type }) => type === 'response')).toHaveLength(2)
  })

  it('takes a worker that was answered once at its word: a failure is a failure', async () => {
    const decoder = createDecoder({ startWorker: createWorkers().start })
    stubFetch(() => new Response(null, { status: 204 }))
    await decoder.fetch(url, open())
    const fetch = stubFetch(() => Promise.reject(new TypeError('Failed to fetch')))
    await expect(decoder.fetch(url, open())).rejects.toThrow('Failed to fetch')
    stubFetch(() => new Response(null, { status: 401 }))
    expect((await decoder.fetch(url, open())).status).toBe(401)
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('lets the page fetch where there is no worker', async () => {
    stubFetch(() => new Response(bytesOf(stream, 100)))
    const decoder = createDecoder({})
    const { body } = await decoder.fetch(url, open())
    expect((await collect(decoder.decode, body!)).events).toHaveLength(4)
  })
})

describe('createWorkerDecoder where there can be no worker', () => {
  it('decodes on the page where there is no Worker at all', async () => {
    expect(globalThis.Worker).toBeUndefined()
    const { events } = await collect(createDecoder({}).decode, inPieces(stream, 1000))
    expect(events).toHaveLength(4)
  })

  it('decodes on the page when the start fails, by exception, by error event or by silence, and tries once', async () => {
    const silent = {
      onmessage: null,
      onmessageerror: null,
      onerror: null,
      postMessage: () => {},
      terminate: vi.fn(),
    }
    const starts = [
      vi.fn(() => {
        throw new DOMException('refused', 'SecurityError')
      }),
      vi.fn(() => {
        const worker: DecodeWorkerPort = { ...silent }
        queueMicrotask(() => worker.onerror!(new Event('error')))
        return worker
      }),
      vi.fn(() => ({ ...silent })),
    ]
    for (const startWorker of starts) {
      const { decode } = createDecoder({ startWorker, startMs: 20 })
      for (let i = 0; i < 2; i++)
        expect((await collect(decode, inPieces(stream, 1000))).events).toHaveLength(4)
      expect(startWorker).toHaveBeenCalledTimes(1)
    }
    expect(silent.terminate).toHaveBeenCalledTimes(2)
  })

  it('says that the stream broke off when the worker breaks down, and decodes on the page from then on', async () => {
    const { workers, start } = createWorkers()
    const { decode } = createDecoder({ startWorker: start })
    const hanging = new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(encoder.encode(stream)) })
    const events = decode(hanging)
    for (let i = 0; i < 4; i++) await events.next()
    const pending = events.next()
    workers[0]!.page.onerror!(new Event('error'))
    await expect(pending).rejects.toMatchObject({ code: 'STREAM_TRUNCATED', retryable: true })
    expect((await collect(decode, inPieces(stream, 1000))).events).toHaveLength(4)
    expect(workers).toHaveLength(1)
  })

  it('ends its streams when it is disposed of', async () => {
    const decoder = createDecoder({ startWorker: createWorkers().start })
    const events = decoder.decode(new ReadableStream<Uint8Array>())
    const pending = events.next()
    await new Promise((resolve) => setTimeout(resolve, 20))
    decoder.dispose()
    await expect(pending).rejects.toMatchObject({ code: 'STREAM_TRUNCATED' })
  })
})
