import type { Clock } from '../../async/clock.js'
import type { StreamEvent } from '../../protocol/index.js'
import type { ByteSource } from '../../json/readChunks.js'
import type { DecodeOptions } from '../../records/decodeTraceStream.js'
import type { RecordBatch } from '../../records/RecordBatch.js'

/** Whether a person can see the page. A hidden one asks less often, and gives its stream back. */
export interface PageVisibility {
  isHidden: () => boolean
  /** Calls `listener` after each change of `isHidden`; returns how to stop that. */
  onVisibilityChange: (listener: () => void) => () => void
}

/** Whether there is a network. */
export interface NetworkStatus {
  /** `false` only when there is surely none. */
  isOnline: () => boolean
  /** Calls `listener` when the network has come back; returns how to stop that. */
  onOnline: (listener: () => void) => () => void
}

/** Makes events of bytes. */
export interface StreamDecoder {
  /**
   * Bytes of a stream or a whole answer as events. Works and throws as `decodeTraceStream` does, which is the default.
   * `onBytes` is to be called as bytes come: by it a stream that is slow, or says nothing that makes an event, is told
   * from a dead one. Not every browser can iterate over a stream; `readChunks` reads `bytes` everywhere.
   */
  decode: (
    bytes: ByteSource,
    options: Required<Pick<DecodeOptions, 'format' | 'signal' | 'onBytes'>>,
  ) => AsyncIterable<StreamEvent<RecordBatch>>
  /** Called when a run begins, long before it has a stream: a moment to start what `decode` will need. */
  prepareDecode?: () => void
}

/** What the client needs of the world around it. Each part of the client asks only for those that it needs. */
export interface TraceEnvironment extends Clock, PageVisibility, NetworkStatus, StreamDecoder {
  /** Absolute. Paths of the server are joined to it, and addresses of other origins are refused. */
  readonly baseUrl: string
  /** From 0 up to, not including, 1. */
  random: () => number
}
