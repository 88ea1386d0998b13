import { toTraceError } from '../errors.js'
import { createTraceDecoder, type DecodedLine } from '../records/columns/createTraceDecoder.js'
import type { DecodePort, FromWorker, ToWorker } from './decodeMessages.js'

/** The worker's side: decodes any number of streams for the page at the other end of `port`. */
export function serveDecoder(port: DecodePort<ToWorker, FromWorker>) {
  const streams = new Map<number, (message: ToWorker) => void>()

  port.onmessage = ({ data: message }) => {
    const { stream } = message
    if (message.type === 'open') streams.set(stream, serveStream(stream, message.maxLineBytes, port))
    // Of a stream that has ended, messages may still be under way.
    else streams.get(stream)?.(message)
    if (message.type === 'close') streams.delete(stream)
  }
  port.postMessage({ type: 'ready' }, [])
}

function serveStream(stream: number, maxLineBytes: number, port: DecodePort<ToWorker, FromWorker>) {
  const decoder = createTraceDecoder(maxLineBytes)
  const inbox: Extract<ToWorker, { type: 'bytes' | 'end' }>[] = []
  let credit = 1
  let isWorking = false
  let isOver = false
  let wake: () => void = () => {}

  async function decode(buffer: ArrayBuffer, length: number) {
    for (const line of decoder.lines(new Uint8Array(buffer, 0, length))) {
      if (!line) continue
      while (credit === 0 && !isOver) await new Promise<void>((resolve) => (wake = resolve))
      if (isOver) return
      credit--
      port.postMessage({ stream, type: 'line', line }, transferOf(line))
    }
    port.postMessage({ stream, type: 'free', buffer }, [buffer])
  }

  async function work() {
    isWorking = true
    try {
      for (let message = inbox.shift(); message && !isOver; message = inbox.shift()) {
        if (message.type === 'bytes') await decode(message.buffer, message.length)
        else {
          if (!message.isCut) decoder.end()
          port.postMessage({ stream, type: 'end' }, [])
          isOver = true
        }
      }
    } catch (error) {
      isOver = true
      const { code, message, line } = toTraceError(error)
      port.postMessage({ stream, type: 'fault', code, message, line }, [])
    }
    isWorking = false
  }

  return (message: ToWorker) => {
    if (message.type === 'credit') credit += message.lines
    else if (message.type === 'close') isOver = true
    else if (message.type !== 'open') inbox.push(message)
    wake()
    if (!isWorking) void work()
  }
}

function transferOf({ rows }: DecodedLine): Transferable[] {
  return rows && 'buffer' in rows ? [rows.buffer] : []
}
