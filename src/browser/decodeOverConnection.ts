import { TraceError } from '../errors.js'
import { fillBuffers, type ByteSource } from '../ndjson/readChunks.js'
import { LIMITS } from '../protocol/limits.js'
import type { StreamEvent } from '../protocol/model.js'
import { createEventReader } from '../records/columns/createEventReader.js'
import { createSlicer } from '../records/createSlicer.js'
import type { DecodeOptions, RecordBatch } from '../records/index.js'
import type { DecodeConnection } from './connectDecodeWorker.js'
import { createBell } from './createBell.js'
import { createBufferPool } from './createBufferPool.js'
import { BUFFER_BYTES, BUFFER_COUNT, LINE_CREDIT, type FromWorker } from './decodeMessages.js'
import { whenIdle } from './whenIdle.js'

/** `decodeTraceStream` with the decoding at the other end of a connection. */
export async function* decodeOverConnection(
  worker: DecodeConnection,
  bytes: ByteSource,
  { maxLineBytes = LIMITS.maxLineBytes, signal }: DecodeOptions = {},
): AsyncGenerator<StreamEvent<RecordBatch>, void, undefined> {
  const toEvent = createEventReader()
  const inbox: FromWorker[] = []
  const arrived = createBell()
  const slicer = createSlicer()
  const buffers = createBufferPool(BUFFER_COUNT, BUFFER_BYTES)
  const reading = new AbortController()
  let cut: { cause: unknown } | undefined
  let hasRows = false

  const stream = worker.open(maxLineBytes, (message) => {
    if (message.type === 'free') return buffers.put(message.buffer)
    inbox.push(message)
    arrived.ring()
  })

  function giveCredit(lines: number) {
    worker.send({ stream, type: 'credit', lines })
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

  async function readOn(): Promise<void> {
    try {
      const take = () => buffers.take(reading.signal)
      for await (const { buffer, length } of fillBuffers(bytes, take, reading.signal)) {
        worker.send({ stream, type: 'bytes', buffer, length }, [buffer])
      }
    } catch (cause) {
      cut = { cause }
    }
    if (!reading.signal.aborted) worker.send({ stream, type: 'end', isCut: cut !== undefined })
  }

  signal?.addEventListener('abort', arrived.ring)
  void readOn()
  try {
    for (;;) {
      signal?.throwIfAborted()
      const message = inbox.shift()
      if (!message) {
        await arrived.heard()
        slicer.begin()
        continue
      }
      // Several lines may have come, and what each does to the page may take a while.
      if (slicer.isDue()) await slicer.pause()
      if (message.type === 'line') {
        const event = toEvent(message.line)
        if (event) yield event
        if (message.line.rows) giveCreditWhenIdle()
        else giveCredit(1)
      } else if (message.type === 'fault') {
        throw new TraceError(message.code, message.message, { line: message.line })
      } else break
    }
    // Only now: what came before the source broke was to be given first.
    if (cut) throw cut.cause
  } finally {
    signal?.removeEventListener('abort', arrived.ring)
    reading.abort(signal?.reason)
    worker.close(stream)
  }
}
