import type { TraceErrorCode } from '../../errors.js'
import type { DecodedLine } from '../../records/columns/TraceDecoder.js'
import type { TraceFormat } from '../../records/columns/TraceDecoder.js'

/**
 * What page and decode worker tell each other, each message for one stream: one that the page reads (`decode`, then
 * `bytes`), or one that the worker fetches (`fetch`, then `decode` or, by whoever wants its bytes, `pull`).
 *
 * All directions are bounded. Bytes travel in a few buffers that go back and forth: a page without a free one stops
 * reading. Lines travel on credit: a worker without credit stops decoding, and reading what it fetches.
 */
export type ToWorker = { stream: number } & StreamOrder

export type StreamOrder =
  | { type: 'fetch'; url: string; init: FetchOrder }
  /** The next bytes of what was fetched, as they are. */
  | { type: 'pull' }
  | { type: 'decode'; format: TraceFormat; maxLineBytes: number }
  /** `buffer` is transferred; its first `length` bytes are the stream's next. */
  | { type: 'bytes'; buffer: ArrayBuffer; length: number }
  /** No more bytes come; with `isCut` because reading them failed. */
  | { type: 'end'; isCut: boolean }
  /** So many lines more may come. */
  | { type: 'credit'; lines: number }
  /** Nobody reads on. */
  | { type: 'close' }

/** As much of a `RequestInit` as can be told to a worker. */
export interface FetchOrder extends Pick<RequestInit, 'method' | 'credentials' | 'redirect' | 'referrer'> {
  headers: [string, string][]
}

export type FromWorker =
  /** The worker runs: a policy of the page may have forbidden it. */
  { type: 'ready' } | ({ stream: number } & StreamNews)

export type StreamNews =
  /** What was fetched begins. */
  | { type: 'response'; response: FetchedHead }
  /** Nothing could be fetched. */
  | { type: 'unreachable'; message: string }
  /** What was pulled. */
  | { type: 'chunk'; bytes: Uint8Array<ArrayBuffer> }
  /** Bytes have come from the server, whether or not they made a line; told ten times a second at most. */
  | { type: 'heard' }
  | { type: 'line'; line: DecodedLine }
  /** A buffer comes back, decoded. */
  | { type: 'free'; buffer: ArrayBuffer }
  /** With `cut` because reading failed: what was said of it. */
  | { type: 'end'; cut: string | null }
  | { type: 'fault'; code: TraceErrorCode; message: string; line: number | undefined }

export interface FetchedHead extends Pick<Response, 'type' | 'status'> {
  headers: [string, string][]
  hasBody: boolean
}

/**
 * Lines a page may have waiting once it has drawn its first rows; until then one. Each is some hundred kilobytes. With
 * four, a page under a wheel was done 12 % sooner, and four of 24 had tasks of 50 ms or a little more; with three,
 * none of eight (both while the browser still scrolled the table).
 */
export const LINE_CREDIT = 3

/**
 * Buffers that carry a stream's bytes, and their size: what a page may be ahead of its worker. The same in buffers of
 * half the size took 4 % more processor time.
 */
export const BUFFER_COUNT = 4
export const BUFFER_BYTES = 512 * 1024

/** One end of the connection between page and worker. */
export interface DecodePort<TIn, TOut> {
  onmessage: ((event: { data: TIn }) => void) | null
  postMessage: (message: TOut, transfer: ArrayBuffer[]) => void
}
