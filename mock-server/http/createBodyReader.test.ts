import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/createManualClock.js'
import { createBodyReader, type BodyReaderOptions } from './createBodyReader.js'

const MB = 2 ** 20
const JSON_TYPE = { 'Content-Type': 'application/json' }

/** A reader, and bodies that come as the test sends them. */
function setUp(options: Partial<BodyReaderOptions> = {}) {
  const clock = createManualClock()
  const bodies = createBodyReader({
    clock,
    maxBytes: 4 * MB,
    budgetBytes: 6 * MB,
    timeoutMs: 60_000,
    ...options,
  })

  function upload(headers: Record<string, string> = {}) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const request = new Request('http://localhost', {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body: readable,
      duplex: 'half',
    } as RequestInit)
    const sizes: number[] = []
    const outcome = bodies
      .read(
        request,
        'large',
        async (parts) => void sizes.push(parts.reduce((sum, part) => sum + part.length, 0)),
      )
      .then(
        () => sizes[0]!,
        (cause: { code?: string }) => cause,
      )
    return {
      send: (bytes: number) => writer.write(new Uint8Array(bytes).fill(0x20)),
      end: () => writer.close(),
      outcome,
    }
  }

  async function read(
    body: BodyInit,
    headers: Record<string, string> = {},
    size: 'small' | 'large' = 'large',
  ) {
    const request = new Request('http://localhost', {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body,
    })
    return bodies.read(request, size, async (parts) =>
      new TextDecoder().decode(await new Blob(parts as BlobPart[]).arrayBuffer()),
    )
  }

  return { clock, bodies, upload, read }
}

describe('half-sent bodies', () => {
  it('are refused when all together are more than may be held, and the others go on', async () => {
    const { upload } = setUp()
    const first = upload()
    const second = upload()
    const third = upload()
    await first.send(3 * MB)
    await second.send(2 * MB)
    await third.send(MB)
    // Six are held: whoever sends more makes no room by it.
    void second.send(MB)
    expect(await second.outcome).toMatchObject({ code: 'MEMORY_GUARD', retryAfterMs: 5_000 })
    // What it had sent is free again, for the others.
    await first.send(MB)
    await first.end()
    await third.send(MB)
    await third.end()
    expect(await first.outcome).toBe(4 * MB)
    expect(await third.outcome).toBe(2 * MB)
  })

  it('hold their bytes until they are read, and no longer', async () => {
    const { bodies, read } = setUp()
    let done = () => {}
    const request = new Request('http://localhost', {
      method: 'POST',
      headers: JSON_TYPE,
      body: ' '.repeat(4 * MB),
    })
    const reading = bodies.read(request, 'large', () => new Promise<void>((resolve) => (done = resolve)))
    await expect(read(' '.repeat(3 * MB))).rejects.toMatchObject({ code: 'MEMORY_GUARD' })
    done()
    await reading
    expect(await read(' '.repeat(3 * MB))).toHaveLength(3 * MB)
  })

  it('are given up after fifteen seconds without a byte', async () => {
    const { upload, clock } = setUp()
    const body = upload()
    for (let n = 0; n < 3; n++) {
      await body.send(1)
      await clock.advance(14_000)
    }
    void body.send(1)
    await clock.advance(14_999)
    expect(clock.sleepers()).toBe(1)
    await clock.advance(2)
    expect(await body.outcome).toMatchObject({ code: 'REQUEST_TIMEOUT', retryable: true })
    expect(clock.sleepers()).toBe(0)
  })

  it('are given up when they take longer than they may, however steadily they come', async () => {
    const { upload, clock } = setUp()
    const body = upload()
    for (let n = 0; n < 6; n++) {
      void body.send(1)
      await clock.advance(10_000)
    }
    expect(await body.outcome).toMatchObject({ code: 'REQUEST_TIMEOUT' })
  })

  it('are read on and thrown away, so that their sender gets to read the answer', async () => {
    const { upload } = setUp()
    const body = upload({ 'Content-Encoding': 'gzip' })
    expect(await body.outcome).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' })
    // Each write resolves once it was read.
    for (let n = 0; n < 20; n++) await body.send(MB)
    await body.end()
  })
})

describe('a body in very many small parts', () => {
  /** A body of `count` parts of one byte, each an array of its own, as Node hands on the chunks of HTTP. */
  function inParts(count: number, onEnd: () => Promise<void> = async () => {}) {
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (sent++ < count) return controller.enqueue(new Uint8Array([0x20]))
        await onEnd()
        controller.close()
      },
    })
    return new Request('http://localhost', {
      method: 'POST',
      headers: JSON_TYPE,
      body,
      duplex: 'half',
    } as RequestInit)
  }

  it('holds few arrays, about as many bytes as have come', async () => {
    const { bodies } = setUp()
    await bodies.read(inParts(100_000), 'large', async (parts) => {
      expect(parts.length).toBeLessThan(20)
      expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(100_000)
      expect(parts.reduce((sum, part) => sum + part.buffer.byteLength, 0)).toBeLessThan(200_000)
    })
  })

  it('keeps nothing of the parts that have come but their bytes', async () => {
    const { bodies } = setUp()
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const heapBytes = () => (collect(), process.memoryUsage().heapUsed)
    const before = heapBytes()
    let grown = Infinity
    const request = inParts(100_000, async () => void (grown = heapBytes() - before))
    await bodies.read(request, 'large', async () => {})
    // A hundred bytes a part would be ten megabytes.
    expect(grown).toBeLessThan(4 * MB)
  })

  it('keeps its bytes in order, whatever the sizes of its parts', async () => {
    const { bodies } = setUp()
    const bytes = Uint8Array.from({ length: 300_000 }, (_, n) => (n * 7) % 127)
    const sizes = [1, 1023, 1, 5_000, 70_000, 0, 200_000, 23_975]
    let at = 0
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const size of sizes) controller.enqueue(bytes.slice(at, (at += size)))
        controller.close()
      },
    })
    const request = new Request('http://localhost', {
      method: 'POST',
      headers: JSON_TYPE,
      body,
      duplex: 'half',
    } as RequestInit)
    const read = bodies.read(request, 'large', async (parts) => Buffer.concat(parts))
    expect(Buffer.compare(await read, bytes.subarray(0, at))).toBe(0)
  })

  it('counts what it holds, not only what has come', async () => {
    const { upload } = setUp({ maxBytes: MB, budgetBytes: 2 * 1024 })
    const first = upload()
    const second = upload()
    const third = upload()
    await first.send(1)
    await second.send(1)
    void third.send(1)
    expect(await third.outcome).toMatchObject({ code: 'MEMORY_GUARD' })
    await first.end()
    await second.end()
    expect(await first.outcome).toBe(1)
    expect(await second.outcome).toBe(1)
  })

  it('is given up when the rest does not come', async () => {
    const { upload, clock } = setUp()
    const body = upload()
    for (let n = 0; n < 1_000; n++) await body.send(1)
    await clock.advance(15_001)
    expect(await body.outcome).toMatchObject({ code: 'REQUEST_TIMEOUT' })
    expect(clock.sleepers()).toBe(0)
  })
})

describe('the size of a body', () => {
  it('is at most a megabyte where no list of ids is sent', async () => {
    const { read } = setUp()
    expect(await read(' '.repeat(MB), {}, 'small')).toHaveLength(MB)
    await expect(read(' '.repeat(MB + 1), {}, 'small')).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
      message: 'request body is larger than 1 MB; ask for fewer values',
      details: { limit: MB },
    })
    await expect(read(' '.repeat(4 * MB + 1))).rejects.toMatchObject({
      message: 'request body is larger than 4 MB; send a lineage_id instead of ids',
    })
  })

  it('is refused when it is announced, before any of it has come', async () => {
    const { upload } = setUp()
    expect(await upload({ 'Content-Length': String(4 * MB + 1) }).outcome).toMatchObject({
      code: 'BODY_TOO_LARGE',
    })
  })
})

describe('the encoding of a body', () => {
  it.each(['gzip', 'br', 'zstd', 'deflate', 'gzip, br', 'X-ODD'])('%s is not read', async (encoding) => {
    const { read } = setUp()
    await expect(read('{}', { 'Content-Encoding': encoding })).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: `request body must be sent as it is, not in Content-Encoding ${encoding}`,
    })
  })

  it.each(['identity', 'Identity', ''])('%j is none', async (encoding) => {
    const { read } = setUp()
    expect(await read('{"站":1}', { 'Content-Encoding': encoding })).toBe('{"站":1}')
  })

  it.each([
    ['application/json; charset=big5', 'big5'],
    ['application/json;charset="UTF-16"', 'UTF-16'],
    ['application/problem+json; profile=x; Charset=iso-8859-1', 'iso-8859-1'],
  ])('%s is not read', async (type, charset) => {
    const { read } = setUp()
    await expect(read('{}', { 'Content-Type': type })).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: `request body must be in UTF-8, not in charset ${charset}`,
    })
  })

  it.each(['utf-8', 'UTF8', '"utf-8"', ''])('charset=%s is UTF-8', async (charset) => {
    const { read } = setUp()
    expect(await read('{}', { 'Content-Type': `application/json; charset=${charset}` })).toBe('{}')
  })

  it.each([
    ['a station in Big5', [0x22, 0xb4, 0xfa, 0xb8, 0xd5, 0x22]],
    ['a character that is cut', [0x22, 0xe7, 0xab]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('%s is no UTF-8, and not silently another question', async (_, bytes) => {
    const { read } = setUp()
    await expect(read(new Uint8Array(bytes))).rejects.toMatchObject({
      code: 'INVALID_PARAMS',
      message: 'request body must be UTF-8',
    })
  })
})
