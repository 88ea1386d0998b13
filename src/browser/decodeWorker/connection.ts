import type { DecodePort, WorkerEvent, DecodeEvent, DecodeCommand, WorkerCommand } from './protocol.js'

/** A worker as seen from the page. */
export interface DecodeWorkerPort extends DecodePort<WorkerEvent, WorkerCommand> {
  onerror: ((event: Event) => void) | null
  onmessageerror: ((event: Event) => void) | null
  terminate: () => void
}

/** A worker that runs, shared by any number of streams. */
export interface DecodeConnection {
  /** @param onClose called when either side closes the stream */
  open: (onClose?: () => void) => DecodeStream
  /** Ends the worker. */
  end: () => void
}

/** The page's end of one stream. */
export interface DecodeStream {
  /** Takes the worker's events, and a `fault` once the worker has ended. */
  receive: (event: DecodeEvent) => void
  /** Answered with a `fault` when the stream is closed or the worker has ended. */
  send: (command: DecodeCommand, transfer?: ArrayBuffer[]) => void
  /** No event comes after it. */
  close: () => void
}

/**
 * Starts a worker; `null` when it does not come up.
 *
 * @param onBreakdown called when it does not come up, or fails later
 */
export function connectDecodeWorker({
  startWorker,
  startMs,
  onBreakdown,
}: {
  startWorker: () => DecodeWorkerPort
  startMs: number
  onBreakdown: () => void
}): Promise<DecodeConnection | null> {
  return new Promise((resolve) => {
    const streams = new Map<number, DecodeStream>()
    let opened = 0
    let hasEnded = false
    let worker: DecodeWorkerPort
    try {
      worker = startWorker()
    } catch {
      onBreakdown()
      return resolve(null)
    }

    function end() {
      hasEnded = true
      clearTimeout(timer)
      worker.terminate()
      for (const stream of streams.values()) stream.receive(ENDED)
    }

    function breakDown() {
      onBreakdown()
      end()
      resolve(null)
    }

    function open(onClose = () => {}): DecodeStream {
      const id = opened++
      const stream: DecodeStream = {
        receive() {},
        send(command, transfer = []) {
          if (!hasEnded && streams.has(id)) worker.postMessage({ stream: id, ...command }, transfer)
          // Later, as every event comes: the sender may not listen yet.
          else queueMicrotask(() => stream.receive(hasEnded ? ENDED : CLOSED))
        },
        close() {
          if (!streams.delete(id)) return
          if (!hasEnded) worker.postMessage({ stream: id, type: 'close' }, [])
          onClose()
        },
      }
      streams.set(id, stream)
      return stream
    }

    // A policy that forbids workers shows as an error event, or not at all.
    const timer = setTimeout(breakDown, startMs)
    worker.onerror = worker.onmessageerror = breakDown
    worker.onmessage = ({ data: message }) => {
      if (message.type !== 'ready') return streams.get(message.stream)?.receive(message)
      clearTimeout(timer)
      resolve({ open, end })
    }
  })
}

const ENDED = streamFault('The decode worker has ended')
const CLOSED = streamFault('The stream has been closed')

export function streamFault(message: string): DecodeEvent {
  return { type: 'fault', code: 'STREAM_TRUNCATED', message, line: undefined }
}
