import type { DecodePort, FromWorker, StreamOrder, ToWorker } from './protocol.js'
import { serveStream } from './serveStream.js'

/** The worker's side: decodes any number of streams for the page at the other end of `port`. */
export function serveDecoder(port: DecodePort<ToWorker, FromWorker>): { hasStreams: () => boolean } {
  const streams = new Map<number, (order: StreamOrder) => void>()

  port.onmessage = ({ data: order }) => {
    const { stream, type } = order
    if (!streams.has(stream) && (type === 'fetch' || type === 'decode')) {
      streams.set(
        stream,
        serveStream((news, transfer = []) => port.postMessage({ stream, ...news }, transfer)),
      )
    }
    // Of a stream that has ended, orders may still be under way.
    streams.get(stream)?.(order)
    if (type === 'close') streams.delete(stream)
  }
  port.postMessage({ type: 'ready' }, [])
  return { hasStreams: () => streams.size > 0 }
}
