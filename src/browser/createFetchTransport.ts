import type { TraceTransport, TransportRequest } from '../client/ports/TraceTransport.js'
import { isTraceError, TraceError } from '../errors.js'
import type { FetchedRequest, FetchedResponse } from './decodeWorker/fetchInWorker.js'
import { isFetchUntouched } from './isFetchUntouched.js'
import { loadPageDecoder } from './decodeWorker/loadPageDecoder.js'

export type HeaderValues = Readonly<Record<string, string>>

export interface FetchTransportOptions {
  /**
   * Sends every request, from the page. Default: the global `fetch` of the moment; a job's stream is fetched by the
   * worker that decodes it, unless something has taken the place of the browser's `fetch` or a service worker controls
   * the page. Bodies are texts, large ones blobs.
   */
  fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Sent with every request; a function is asked each time, and may take its time (tokens). */
  headers?: HeaderValues | (() => HeaderValues | Promise<HeaderValues>)
  /** As `fetch` takes it; default `same-origin`. */
  credentials?: RequestInit['credentials']
}

/**
 * Sends requests with `fetch`. Redirects are not followed: headers must not travel to other servers,
 * and a sign-in page is not an answer.
 *
 * @throws {TraceError} `UNEXPECTED_RESPONSE` on a redirect, `UNAUTHORIZED` when `headers` fails
 */
export function createFetchTransport({
  fetch,
  headers = {},
  credentials = 'same-origin',
}: FetchTransportOptions = {}): TraceTransport {
  return {
    async send({ method, url, headers: own, body, signal, isForDecode = false }: TransportRequest) {
      const given = typeof headers === 'function' ? await made(headers) : headers
      signal.throwIfAborted()
      const merged = new Headers(given)
      for (const [name, value] of Object.entries(own)) merged.set(name, value)
      const init = {
        method,
        headers: merged,
        body: body instanceof Uint8Array ? await blobOf(body) : body,
        signal,
        credentials,
        redirect: 'manual',
      } satisfies RequestInit
      const canLeave = isForDecode && body === undefined
      const response = await (fetch ? fetch(url, init) : fetchWhereBest(url, init, canLeave))
      if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
        throw new TraceError(
          'UNEXPECTED_RESPONSE',
          'The server sent a redirect instead of an answer; perhaps the session has ended',
          { status: response.status || undefined },
        )
      }
      return response
    },
  }
}

/** @param canLeave whether the worker that decodes the answer may ask for it */
async function fetchWhereBest(
  url: string,
  init: RequestInit & FetchedRequest,
  canLeave: boolean,
): Promise<FetchedResponse> {
  if (!canLeave || !isFetchUntouched()) return await globalThis.fetch(url, init)
  const decoder = await loadPageDecoder()
  return await decoder.fetch(url, init)
}

/** Bytes that become a blob at a time. */
const BLOB_BYTES = 2 ** 20

/**
 * 1.3 MB of bytes handed to `fetch` held the page for 14 ms; a blob of them holds it for 3. So larger ones, the whole
 * lineage of 114,000 containers is some 13 MB, are made into several, with a pause after each.
 */
async function blobOf(bytes: Uint8Array<ArrayBuffer>): Promise<Blob> {
  const blobs: Blob[] = []
  let from = 0
  do {
    // Made by a response: jsdom's own Blob is not the one that `fetch` knows.
    blobs.push(await new Response(bytes.subarray(from, from + BLOB_BYTES)).blob())
    from += BLOB_BYTES
  } while (from < bytes.length)
  const BlobOfFetch = blobs[0]!.constructor as typeof Blob
  return new BlobOfFetch(blobs)
}

async function made(headers: () => HeaderValues | Promise<HeaderValues>): Promise<HeaderValues> {
  try {
    return await headers()
  } catch (cause) {
    if (isTraceError(cause)) throw cause
    throw new TraceError('UNAUTHORIZED', 'The headers of the request could not be made', { cause })
  }
}
