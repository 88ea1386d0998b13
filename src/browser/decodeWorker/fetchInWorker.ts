import { untilAborted } from '../../async/abort.js'
import { TraceError } from '../../errors.js'
import { streamFault, type DecodeConnection, type DecodeStream } from './connection.js'
import type { StreamNews, StreamOrder } from './protocol.js'

/** Of a `Response`, as much as a reader of streams needs. */
export type FetchedResponse = Pick<Response, 'type' | 'status' | 'headers' | 'body' | 'json'>

/** Of a `RequestInit`, as much as can be told to a worker. */
export type FetchedRequest = Pick<RequestInit, 'method' | 'headers' | 'credentials' | 'redirect'> & {
  signal: AbortSignal
}

/** The streams of bodies whose bytes are in a worker. */
const streams = new WeakMap<object, DecodeStream>()

/**
 * `fetch` at the other end of a connection. The body's bytes stay there until somebody reads it, chunk by chunk; or
 * `takeFetchedBody` gives their stream away, to have them decoded where they are.
 *
 * @param onOver called once nothing more is fetched
 * @throws {TypeError} when nothing could be fetched, as `fetch`
 * @throws `signal.reason` on abort
 */
export async function fetchOverConnection(
  connection: DecodeConnection,
  url: string,
  { method, headers, credentials, redirect, signal }: FetchedRequest,
  onOver: () => void,
): Promise<FetchedResponse> {
  const stream = connection.open(() => {
    signal.removeEventListener('abort', abort)
    onOver()
  })
  function abort() {
    stream.receive(streamFault('The request was aborted'))
    stream.close()
  }
  signal.addEventListener('abort', abort)
  try {
    const init = {
      method,
      headers: [...new Headers(headers)],
      credentials,
      redirect,
      // A worker's own address says nothing, and would be kept back.
      referrer: globalThis.location?.href,
    }
    const absolute = new URL(url, globalThis.document?.baseURI).href
    const news = await untilAborted(signal, ask(stream, { type: 'fetch', url: absolute, init }))
    if (news.type !== 'response') throw failure(news)
    const { response } = news
    const body = response.hasBody ? bodyOf(stream, signal) : null
    if (!body) stream.close()
    return {
      ...response,
      headers: new Headers(response.headers),
      body,
      json: () => new Response(body).json(),
    }
  } catch (error) {
    stream.close()
    throw error
  }
}

/** The stream of a body that `fetchOverConnection` gave; the body counts as read then. */
export function takeFetchedBody(body: object): DecodeStream | undefined {
  const stream = streams.get(body)
  if (stream) (body as ReadableStream).getReader()
  return stream
}

function bodyOf(stream: DecodeStream, signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const news = await untilAborted(signal, ask(stream, { type: 'pull' }))
        if (news.type === 'chunk') return controller.enqueue(news.bytes)
        stream.close()
        if (news.type === 'end' && news.cut === null) controller.close()
        else controller.error(failure(news))
      },
      cancel: () => stream.close(),
    },
    // Nothing is pulled for a reader who may never come.
    { highWaterMark: 0 },
  )
  streams.set(body, stream)
  return body
}

/** The answer to `order`, the first but for what is told by the way. */
function ask(stream: DecodeStream, order: StreamOrder): Promise<StreamNews> {
  return new Promise((resolve) => {
    stream.receive = (news) => news.type !== 'heard' && resolve(news)
    stream.send(order)
  })
}

function failure(news: StreamNews): Error {
  if (news.type === 'fault') return new TraceError(news.code, news.message)
  const message = news.type === 'unreachable' ? news.message : news.type === 'end' ? news.cut : null
  return new TypeError(message ?? 'The decode worker gave another answer')
}
