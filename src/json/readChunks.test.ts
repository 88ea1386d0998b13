import { describe, expect, it } from 'vitest'
import { readChunks } from './readChunks.js'

async function collect(chunks: AsyncIterable<Uint8Array>) {
  const all: number[] = []
  for await (const chunk of chunks) all.push(...chunk)
  return all
}

/** A stream that gives `first`, then nothing, and whose cancel never answers. */
function hangingStream(first: Uint8Array) {
  const cancelled: unknown[] = []
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(first),
    cancel: (reason) => {
      cancelled.push(reason)
      return new Promise(() => {})
    },
  })
  return { stream, cancelled }
}

describe('readChunks', () => {
  it('reads streams and async iterables alike', async () => {
    async function* iterable() {
      yield Uint8Array.of(1, 2)
      yield Uint8Array.of(3)
    }
    expect(await collect(readChunks(iterable()))).toEqual([1, 2, 3])
    expect(await collect(readChunks(new Blob([Uint8Array.of(1, 2, 3)]).stream()))).toEqual([1, 2, 3])
  })

  it('reads byte streams to their end, in chunks of any size, with one buffer', async () => {
    const total = 3 * 256 * 1024 + 17
    const bytes: ReadableStream<Uint8Array> = new ReadableStream({
      type: 'bytes',
      start(controller) {
        for (let i = 0; i < total; i += 100_000) {
          controller.enqueue(Uint8Array.from({ length: Math.min(100_000, total - i) }, (_, k) => i + k))
        }
        controller.close()
      },
    })
    let seen = 0
    for await (const chunk of readChunks(bytes)) {
      expect(chunk.every((byte, k) => byte === ((seen + k) & 0xff))).toBe(true)
      seen += chunk.length
    }
    expect(seen).toBe(total)
  })

  it('ends a pending read at once on abort, though the source never answers', async () => {
    const { stream, cancelled } = hangingStream(Uint8Array.of(1))
    const controller = new AbortController()
    const chunks = readChunks(stream, controller.signal)
    await chunks.next()
    const pending = chunks.next()
    controller.abort('enough')
    await expect(pending).rejects.toBe('enough')
    expect(cancelled).toEqual(['enough'])
  })

  it('ends a pending read of an iterable at once on abort and returns the iterator', async () => {
    let returned = 0
    const iterable: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => {
          returned++
          return new Promise(() => {})
        },
      }),
    }
    const controller = new AbortController()
    const pending = readChunks(iterable, controller.signal).next()
    controller.abort('enough')
    await expect(pending).rejects.toBe('enough')
    expect(returned).toBe(1)
  })

  it('reads nothing for a signal that was aborted before', async () => {
    const { stream, cancelled } = hangingStream(Uint8Array.of(1))
    await expect(readChunks(stream, AbortSignal.abort('early')).next()).rejects.toBe('early')
    expect(cancelled).toEqual(['early'])
  })

  it('cancels the source when the consumer leaves', async () => {
    const { stream, cancelled } = hangingStream(Uint8Array.of(1))
    for await (const chunk of readChunks(stream)) {
      expect(chunk).toEqual(Uint8Array.of(1))
      break
    }
    expect(cancelled).toEqual([undefined])
  })

  it('passes on what the source throws', async () => {
    const broken = new ReadableStream<Uint8Array>({ start: (c) => c.error(new TypeError('network')) })
    await expect(collect(readChunks(broken))).rejects.toThrow('network')
  })
})
