import type { DecodePort, FromWorker, ToWorker } from './decodeMessages.js'

/** A worker as seen from the page. */
export interface DecodeWorkerPort extends DecodePort<FromWorker, ToWorker> {
  onerror: ((event: Event) => void) | null
  onmessageerror: ((event: Event) => void) | null
  terminate: () => void
}

/** A worker that runs, shared by any number of streams. */
export interface DecodeConnection {
  /** Opens a stream; `receive` gets its messages, and a `fault` when the worker breaks down. */
  open: (maxLineBytes: number, receive: (message: FromWorker) => void) => number
  send: (message: ToWorker, transfer?: Transferable[]) => void
  close: (stream: number) => void
  /** Ends the worker. */
  end: () => void
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
    const streams = new Map<number, (message: FromWorker) => void>()
    let opened = 0
    let worker: DecodeWorkerPort
    try {
      worker = startWorker()
    } catch {
      onBreakdown()
      return resolve(null)
    }

    function end() {
      clearTimeout(timer)
      worker.terminate()
      for (const [stream, receive] of streams) {
        const message = 'The decode worker has ended'
        receive({ stream, type: 'fault', code: 'STREAM_TRUNCATED', message, line: undefined })
      }
    }

    function breakDown() {
      onBreakdown()
      end()
      resolve(null)
    }

    // A policy that forbids workers shows as an error event, or not at all.
    const timer = setTimeout(breakDown, startMs)
    worker.onerror = worker.onmessageerror = breakDown
    worker.onmessage = ({ data: message }) => {
      if (message.type !== 'ready') return streams.get(message.stream)?.(message)
      clearTimeout(timer)
      resolve({
        open(maxLineBytes, receive) {
          const stream = opened++
          streams.set(stream, receive)
          worker.postMessage({ stream, type: 'open', maxLineBytes }, [])
          return stream
        },
        send: (message, transfer = []) => worker.postMessage(message, transfer),
        close(stream) {
          streams.delete(stream)
          worker.postMessage({ stream, type: 'close' }, [])
        },
        end,
      })
    }
  })
}
