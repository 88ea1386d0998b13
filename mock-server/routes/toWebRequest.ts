import { Readable } from 'node:stream'
import type { Request as ExpressRequest, Response as ExpressResponse } from 'express'

/**
 * Express's request as the web's. Its signal aborts when the client goes away before the answer is whole.
 *
 * @throws {TypeError} for methods that `Request` refuses, such as TRACE
 */
export function toWebRequest(req: ExpressRequest, res: ExpressResponse): Request {
  const controller = new AbortController()
  res.once('close', () => {
    if (!res.writableFinished) controller.abort(new DOMException('The client has gone', 'AbortError'))
  })
  const headers = new Headers()
  for (const [name, values] of Object.entries(req.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  const query = req.originalUrl.includes('?') ? req.originalUrl.slice(req.originalUrl.indexOf('?')) : ''
  const hasBody = req.method === 'POST' || req.method === 'PUT' || req.method === 'PATCH'
  return new Request(`http://localhost${req.path}${query}`, {
    method: req.method,
    headers,
    signal: controller.signal,
    ...(hasBody ? { body: Readable.toWeb(req) as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
  } as RequestInit)
}
