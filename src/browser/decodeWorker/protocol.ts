import type { TraceErrorCode } from '../../errors.js'
import type { DecodedLine, TraceFormat } from '../../records/columns/TraceDecoder.js'

/**
 * The page sends commands, the worker answers with events. Each message is for one stream, of two kinds:
 *
 * - The page reads the bytes: `decode`, then `bytes` up to `end`.
 * - The worker fetches them: `fetch`, then `decode`; or `pull` for each chunk that the page wants as it is.
 *
 * Both directions are bounded. Bytes travel in a few buffers that go back and forth: a page without a free one stops
 * reading. Lines travel on credit: a worker without credit stops decoding, and stops reading what it fetches.
 */
export type WorkerCommand = { stream: number } & DecodeCommand

export type DecodeCommand =
  | { type: 'fetch'; url: string; init: FetchInit }
  /** The next bytes of what was fetched, as they are. */
  | { type: 'pull' }
  | { type: 'decode'; format: TraceFormat; maxLineBytes: number }
  /** `buffer` is transferred; its first `length` bytes are the stream's next. */
  | { type: 'bytes'; buffer: ArrayBuffer; length: number }
  /** No more bytes come; `isCut` says that reading them failed. */
  | { type: 'end'; isCut: boolean }
  /** The worker may send so many lines more. */
  | { type: 'credit'; lines: number }
  /** The page reads no further. */
  | { type: 'close' }

/** As much of a `RequestInit` as can be told to a worker. */
export interface FetchInit extends Pick<RequestInit, 'method' | 'credentials' | 'redirect' | 'referrer'> {
  headers: [string, string][]
}

export type WorkerEvent =
  /** The worker runs: a policy of the page may have forbidden it. */
  { type: 'ready' } | ({ stream: number } & DecodeEvent)

export type DecodeEvent =
  /** The answer to `fetch`. */
  | { type: 'response'; response: FetchedHead }
  /** The other answer to `fetch`: nothing could be fetched. */
  | { type: 'unreachable'; message: string }
  /** The answer to `pull`. */
  | { type: 'chunk'; bytes: Uint8Array<ArrayBuffer> }
  /** Bytes have come from the server, though perhaps no whole line; sent ten times a second at most. */
  | { type: 'heard' }
  | { type: 'line'; line: DecodedLine }
  /** A buffer comes back, its bytes decoded. */
  | { type: 'free'; buffer: ArrayBuffer }
  /** The stream has ended. When reading failed, `cut` is the error's text. */
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
