import { untilAborted, type LinkedSignal } from '../../async/abort.js'
import type { Clock } from '../../async/clock.js'
import { isTraceError, TraceError } from '../../errors.js'
import { fromErrorBody } from '../../protocol/index.js'
import type { TransportRequest, TransportResponse } from '../ports/TraceTransport.js'
import type { TraceContext } from '../run/TraceContext.js'
import { resolveUrl } from './resolveUrl.js'

/**
 * Sends one request and gives an answer of status 2xx. Every request passes here.
 *
 * @throws {TraceError} `FOREIGN_URL` before anything is sent; `NETWORK_ERROR`; else what the server said
 * @throws `signal.reason` at once on abort
 */
export async function sendRequest(
  request: Omit<TransportRequest, 'headers' | 'signal'> & { headers?: Record<string, string> },
  signal: AbortSignal,
  { transport, environment }: TraceContext,
): Promise<TransportResponse> {
  const url = resolveUrl(request.url, environment.baseUrl)
  const response = await reached(signal, () =>
    transport.send({ ...request, url, headers: request.headers ?? {}, signal }),
  )
  if (response.status >= 200 && response.status < 300) return response
  const body = await untilAborted(
    signal,
    response.json().catch(() => undefined),
  )
  throw fromErrorBody(
    {
      status: response.status,
      body,
      retryAfter: response.headers.get('retry-after'),
      date: response.headers.get('date'),
    },
    environment.now(),
  )
}

/** Waits for the network. An error that is not ours means that the server is out of reach. */
export async function reached<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  try {
    return await untilAborted(signal, run())
  } catch (cause) {
    // A transport may reject with an error of its own before the abort's reason is seen.
    signal.throwIfAborted()
    if (isTraceError(cause)) throw cause
    throw new TraceError('NETWORK_ERROR', 'The server could not be reached, or the connection broke', {
      cause,
    })
  }
}

/**
 * What `run` gives, if it does so within `ms`; after that `link` is aborted.
 *
 * @throws {TraceError} `REQUEST_TIMEOUT`
 * @throws `link.signal.reason` at once on abort
 */
export async function withDeadline<T>(
  ms: number,
  link: LinkedSignal,
  clock: Clock,
  run: () => Promise<T>,
): Promise<T> {
  const timer = new AbortController()
  clock.sleep(ms, timer.signal).then(
    () => link.abort(new TraceError('REQUEST_TIMEOUT', `No answer came within ${ms / 1000} s`)),
    () => {},
  )
  try {
    return await untilAborted(link.signal, run())
  } finally {
    timer.abort()
  }
}
