import { untilAborted } from '../async/abort.js'

/** Bytes as `fetch` gives them, or as an async iterable of one's own does. */
export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

/** Most bytes of one chunk from a byte stream. Half as many cost a stream of 800 MB 4 % more time. */
const CHUNK_BYTES = 512 * 1024

/**
 * The chunks of `source`, until its end, an abort or the consumer's `break`; in the latter two the source
 * is cancelled without waiting for it, since a source may never answer. A chunk is valid until the next one
 * is asked for: byte streams, as of `fetch`, are read into one buffer. Otherwise 800 MB of lines would leave
 * 800 MB of garbage.
 *
 * @throws `signal.reason` at once on abort, even while a read is pending; what the source throws
 */
export async function* readChunks(
  source: ByteSource,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { next, cancel } = 'getReader' in source ? fromStream(source) : fromIterable(source)
  let ended = false
  try {
    for (;;) {
      signal?.throwIfAborted()
      const result = await untilAborted(signal, next())
      if (result.done) {
        ended = true
        return
      }
      yield result.value
    }
  } finally {
    if (!ended) cancel(signal?.reason)
  }
}

/**
 * The bytes of `source` in buffers that `take` lends, at most full; the consumer may give a buffer away. A byte
 * stream fills them itself, without a copy in between. Ends as `readChunks` does.
 */
export async function* fillBuffers(
  source: ByteSource,
  take: () => Promise<ArrayBuffer>,
  signal: AbortSignal,
): AsyncGenerator<{ buffer: ArrayBuffer; length: number }, void, undefined> {
  const reader = 'getReader' in source ? byteReader(source) : null
  if (!reader) {
    for await (const chunk of readChunks(source, signal)) {
      for (let from = 0; from < chunk.length;) {
        const buffer = await take()
        const part = chunk.subarray(from, from + buffer.byteLength)
        // Copied, not given away: a chunk's buffer may be the user's own, from a mock or a cache.
        new Uint8Array(buffer).set(part)
        from += part.length
        yield { buffer, length: part.length }
      }
    }
    return
  }
  let hasEnded = false
  try {
    for (;;) {
      const result = await untilAborted(signal, reader.read(new Uint8Array(await take())))
      if (result.done) {
        hasEnded = true
        return
      }
      yield { buffer: result.value.buffer, length: result.value.length }
    }
  } finally {
    if (!hasEnded) void reader.cancel(signal.reason).catch(ignore)
  }
}

interface Reads {
  next: () => Promise<IteratorResult<Uint8Array, unknown>>
  cancel: (reason: unknown) => void
}

function fromStream(stream: ReadableStream<Uint8Array>): Reads {
  const reader = byteReader(stream)
  if (!reader) {
    const reader = stream.getReader()
    return { next: () => reader.read(), cancel: (reason) => void reader.cancel(reason).catch(ignore) }
  }
  let buffer = new ArrayBuffer(CHUNK_BYTES)
  return {
    async next() {
      const result = await reader.read(new Uint8Array(buffer))
      if (result.done) return { done: true, value: undefined }
      buffer = result.value.buffer
      return result
    },
    cancel: (reason) => void reader.cancel(reason).catch(ignore),
  }
}

/** `null` unless the stream is one of bytes: those made by JavaScript code usually are not. */
function byteReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: 'byob' })
  } catch {
    return null
  }
}

function fromIterable(iterable: AsyncIterable<Uint8Array>): Reads {
  const iterator = iterable[Symbol.asyncIterator]()
  return {
    next: () => iterator.next(),
    cancel: () => void iterator.return?.().catch(ignore),
  }
}

// The consumer has left: an error of the source has no one to go to.
function ignore() {}
