import { untilAborted } from '../../async/abort.js'
import { TraceError } from '../../errors.js'
import { streamFault, type DecodeConnection, type DecodeStream } from './connection.js'
import type { DecodeEvent, DecodeCommand } from './protocol.js'

/** Of a `Response`, as much as a reader of streams needs. */
export type FetchedResponse = Pick<Response, 'type' | 'status' | 'headers' | 'body' | 'json'>

/** Of a `RequestInit`, as much as can be told to a worker. */
export type FetchedRequest = Pick<RequestInit, 'method' | 'headers' | 'credentials' | 'redirect'> & {
  signal: AbortSignal
}

/** The streams of bodies that are still in a worker. */
const streams = new WeakMap<object, DecodeStream>()

/**
 * `fetch` in the worker. The body's bytes stay there until they are read, chunk by chunk. `takeFetchedBody` takes the
 * whole body instead, so that the worker can decode it where it is.
 *
 * @param onOver called once nothing more is fetched
 * @throws {TypeError} when nothing could be fetched, as `fetch`
 * @throws `signal.reason` on abort
 */
export async function fetchInWorker(
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
    const event = await untilAborted(signal, ask(stream, { type: 'fetch', url: absolute, init }))
    if (event.type !== 'response') throw failure(event)
    const { response } = event
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

/** The stream of a body that `fetchInWorker` gave; the body counts as read then. */
export function takeFetchedBody(body: object): DecodeStream | undefined {
  const stream = streams.get(body)
  if (stream) (body as ReadableStream).getReader()
  return stream
}

function bodyOf(stream: DecodeStream, signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const event = await untilAborted(signal, ask(stream, { type: 'pull' }))
        if (event.type === 'chunk') return controller.enqueue(event.bytes)
        stream.close()
        if (event.type === 'end' && event.cut === null) controller.close()
        else controller.error(failure(event))
      },
      cancel: () => stream.close(),
    },
    // Nothing is pulled before a reader asks.
    { highWaterMark: 0 },
  )
  streams.set(body, stream)
  return body
}

/** The answer to `command`: the first event but `heard`. */
function ask(stream: DecodeStream, command: DecodeCommand): Promise<DecodeEvent> {
  return new Promise((resolve) => {
    stream.receive = (event) => event.type !== 'heard' && resolve(event)
    stream.send(command)
  })
}

function failure(event: DecodeEvent): Error {
  if (event.type === 'fault') return new TraceError(event.code, event.message)
  const message = event.type === 'unreachable' ? event.message : event.type === 'end' ? event.cut : null
  return new TypeError(message ?? 'The decode worker gave another answer')
}
