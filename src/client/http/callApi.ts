import { linkSignal } from '../../async/abort.js'
import type { ParseOptions } from './readJson.js'
import type { TransportRequest } from '../ports/TraceTransport.js'
import { sendRequest, withDeadline } from './sendRequest.js'
import { readJson } from './readJson.js'
import type { TraceContext } from '../run/TraceContext.js'

/** A request that is answered with JSON. */
export interface ApiCall extends Omit<ParseOptions, 'clock'> {
  method: TransportRequest['method']
  url: string
  headers?: Record<string, string>
  body?: TransportRequest['body']
  timeoutMs: number
}

export interface ApiAnswer {
  status: number
  headers: { get: (name: string) => string | null }
  /** `undefined` when there is none (204). */
  body: unknown
}

/**
 * One JSON request and its answer.
 *
 * @throws {TraceError} as `sendRequest`, and `REQUEST_TIMEOUT`, `UNEXPECTED_RESPONSE`
 */
export async function callApi(call: ApiCall, context: TraceContext): Promise<ApiAnswer> {
  const { timeoutMs, wants, readers, ...request } = call
  const { environment: clock } = context
  const link = linkSignal(context.signal)
  try {
    return await withDeadline(timeoutMs, link, clock, async () => {
      const response = await sendRequest({ ...request, headers: jsonHeaders(request) }, link.signal, context)
      const body =
        response.status === 204 ? undefined : await readJson(response, link.signal, { wants, readers, clock })
      return { status: response.status, headers: response.headers, body }
    })
  } finally {
    // What is still on the wire has no reader.
    link.abort()
    link.unlink()
  }
}

export function jsonHeaders({ headers, body }: Pick<ApiCall, 'headers' | 'body'>): Record<string, string> {
  return {
    Accept: 'application/json',
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...headers,
  }
}
