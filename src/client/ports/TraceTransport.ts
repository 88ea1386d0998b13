/** One request, ready to be sent. */
export interface TransportRequest {
  method: 'GET' | 'POST' | 'DELETE'
  /** Absolute, and of the origin of `TraceEnvironment.baseUrl`. */
  url: string
  headers: Readonly<Record<string, string>>
  body?: string | Uint8Array<ArrayBuffer>
  signal: AbortSignal
  /** Whether the answer's body goes to `TraceEnvironment.decode`, which may then be where it is fetched. */
  isForDecode?: boolean
}

/** What of a `Response` the client reads; a `fetch` response is one. */
export interface TransportResponse {
  readonly status: number
  readonly headers: { get: (name: string) => string | null }
  readonly body: ReadableStream<Uint8Array> | null
  json: () => Promise<unknown>
}

/** How requests reach the server. Rejects when no answer came; an error status is an answer. */
export interface TraceTransport {
  send: (request: TransportRequest) => Promise<TransportResponse>
}
