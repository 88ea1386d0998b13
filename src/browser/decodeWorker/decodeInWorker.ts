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
import { createBufferPool } from './createBufferPool.js'
import { BUFFER_BYTES, BUFFER_COUNT, LINE_CREDIT, type StreamNews } from './protocol.js'
import { whenIdle } from './whenIdle.js'

/**
 * `decodeTraceStream` with the decoding at the other end of a connection.
 *
 * @param bytes `null` when they are there already
 */
export async function* decodeOverConnection(
  stream: DecodeStream,
  bytes: ByteSource | null,
  { format = 'lines', maxLineBytes = LIMITS.maxLineBytes, signal, onBytes = () => {} }: DecodeOptions = {},
): AsyncGenerator<StreamEvent<RecordBatch>, void, undefined> {
  const toEvents = createEventReader()
  const inbox: StreamNews[] = []
  const arrived = createNotifier()
  const slicer = createSlicer()
  const buffers = createBufferPool(BUFFER_COUNT, BUFFER_BYTES)
  const reading = new AbortController()
  let cut: { cause: unknown } | undefined
  let hasRows = false

  stream.receive = (news) => {
    if (news.type === 'free') buffers.put(news.buffer)
    else if (news.type === 'heard') onBytes()
    else {
      inbox.push(news)
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
      const news = inbox.shift()
      if (!news) {
        await arrived.notified(signal)
        slicer.begin()
        continue
      }
      // Several lines may have come, and what each does to the page may take a while.
      if (slicer.isDue()) await slicer.pause()
      if (news.type === 'line') {
        yield* toEvents(news.line)
        if (news.line.rows) giveCreditWhenIdle()
        else giveCredit(1)
      } else if (news.type === 'fault') {
        throw new TraceError(news.code, news.message, { line: news.line })
      } else if (news.type === 'end') {
        // Only now: what came before the source broke was to be given first.
        if (news.cut !== null) throw cut ? cut.cause : new TypeError(news.cut)
        return
      }
    }
  } finally {
    reading.abort(signal?.reason)
    stream.close()
  }
}
