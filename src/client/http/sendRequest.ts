import { isTraceError, TraceError } from '../../errors.js'
import { readChunks } from '../../json/readChunks.js'
import { fromErrorBody } from '../../protocol/index.js'
import { parseBody, type ParseOptions } from './readJson.js'
import type { TransportRequest, TransportResponse } from '../ports/TraceTransport.js'
import { resolveUrl } from './resolveUrl.js'
import type { TraceContext } from '../run/TraceContext.js'
import { untilAborted } from '../../async/abort.js'

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

/**
 * The body of `response` as JSON.
 *
 * @throws {TraceError} `UNEXPECTED_RESPONSE` when it is something else
 */
export async function readJson(
  response: TransportResponse,
  signal: AbortSignal,
  options?: ParseOptions,
): Promise<unknown> {
  return await reached(signal, () =>
    asJson(response, async () => {
      if (response.body) return await parseBody(readChunks(response.body, signal), signal, options)
      const value = await response.json()
      // From a transport that streams nothing: bytes again, for whoever reads those.
      if (!options?.readers) return value
      return await parseBody([new TextEncoder().encode(JSON.stringify(value))], signal, options)
    }),
  )
}

/** What `parse` makes of an answer's body. */
export async function asJson<T>({ status }: TransportResponse, parse: () => T | Promise<T>): Promise<T> {
  try {
    return await parse()
  } catch (cause) {
    if ((cause as Error | null)?.name !== 'SyntaxError') throw cause
    throw new TraceError('UNEXPECTED_RESPONSE', 'The answer is not JSON; is a proxy in between?', {
      cause,
      status,
    })
  }
}

/** Waits for the network; what goes wrong there is the server out of reach. */
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
