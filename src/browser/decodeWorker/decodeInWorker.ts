import { TraceError } from '../../errors.js'
import { fillBuffers, type ByteSource } from '../../json/readChunks.js'
import { LIMITS } from '../../protocol/limits.js'
import type { StreamEvent } from '../../protocol/model.js'
import { createEventReader } from '../../records/columns/createEventReader.js'
import { createSlicer } from '../../async/slices.js'
import type { DecodeOptions } from '../../records/decodeTraceStream.js'
import type { RecordBatch } from '../../records/RecordBatch.js'
import type { DecodeStream } from './connection.js'
import { createNotifier } from '../../async/notifier.js'
import { BUFFER_BYTES, BUFFER_COUNT, LINE_CREDIT, type DecodeEvent } from './protocol.js'

/**
 * `decodeTraceStream`, decoded in the worker.
 *
 * @param bytes `null` when the worker has fetched them itself
 */
export async function* decodeInWorker(
  stream: DecodeStream,
  bytes: ByteSource | null,
  { format = 'lines', maxLineBytes = LIMITS.maxLineBytes, signal, onBytes = () => {} }: DecodeOptions = {},
): AsyncGenerator<StreamEvent<RecordBatch>, void, undefined> {
  const toEvents = createEventReader()
  const inbox: DecodeEvent[] = []
  const arrived = createNotifier()
  const slicer = createSlicer()
  const buffers = createBufferPool(BUFFER_COUNT, BUFFER_BYTES)
  const reading = new AbortController()
  let cut: { cause: unknown } | undefined
  let hasRows = false

  stream.receive = (event) => {
    if (event.type === 'free') buffers.put(event.buffer)
    else if (event.type === 'heard') onBytes()
    else {
      inbox.push(event)
      arrived.notify()
    }
  }

  function giveCredit(lines: number) {
    stream.send({ type: 'credit', lines })
  }

  /**
   * A page that is busy drawing needs the processor for itself more than it needs further rows. The first rows are
   * the most work: a table is made for them.
   */
  function giveCreditWhenIdle() {
    const lines = hasRows ? 1 : LINE_CREDIT
    hasRows = true
    whenIdle(() => giveCredit(lines))
  }

  async function readOn(bytes: ByteSource): Promise<void> {
    try {
      const take = () => buffers.take(reading.signal)
      for await (const { buffer, length } of fillBuffers(bytes, take, reading.signal)) {
        onBytes()
        stream.send({ type: 'bytes', buffer, length }, [buffer])
      }
    } catch (cause) {
      cut = { cause }
    }
    if (!reading.signal.aborted) stream.send({ type: 'end', isCut: cut !== undefined })
  }

  stream.send({ type: 'decode', format, maxLineBytes })
  if (bytes) void readOn(bytes)
  try {
    for (;;) {
      signal?.throwIfAborted()
      const event = inbox.shift()
      if (!event) {
        await arrived.notified(signal)
        slicer.begin()
        continue
      }
      // Several lines may have come, and what each does to the page may take a while.
      if (slicer.isDue()) await slicer.pause()
      if (event.type === 'line') {
        yield* toEvents(event.line)
        if (event.line.rows) giveCreditWhenIdle()
        else giveCredit(1)
      } else if (event.type === 'fault') {
        throw new TraceError(event.code, event.message, { line: event.line })
      } else if (event.type === 'end') {
        // Only now: the lines that came before the source broke go first.
        if (event.cut !== null) throw cut ? cut.cause : new TypeError(event.cut)
        return
      }
    }
  } finally {
    reading.abort(signal?.reason)
    stream.close()
  }
}

/** Longest wait for a busy page, in ms. */
const AT_LATEST_MS = 100

/** Calls `then` when the page has drawn and has time to spare; at once in a hidden page, or without idle callbacks. */
function whenIdle(then: () => void) {
  if (typeof requestIdleCallback !== 'function' || document.visibilityState === 'hidden') then()
  else requestIdleCallback(then, { timeout: AT_LATEST_MS })
}

/** A few buffers that are lent out and come back. */
interface BufferPool {
  put: (buffer: ArrayBuffer) => void
  /**
   * A buffer; waits for one when all are lent.
   *
   * @throws `signal.reason` on abort
   */
  take: (signal: AbortSignal) => Promise<ArrayBuffer>
}

/** Buffers are made when first needed: a short stream needs one. */
function createBufferPool(count: number, byteLength: number): BufferPool {
  const free: ArrayBuffer[] = []
  const returned = createNotifier()
  let made = 0
  return {
    put(buffer) {
      free.push(buffer)
      returned.notify()
    },
    async take(signal) {
      signal.throwIfAborted()
      while (free.length === 0 && made === count) await returned.notified(signal)
      const buffer = free.pop()
      if (buffer) return buffer
      made++
      return new ArrayBuffer(byteLength)
    },
  }
}
