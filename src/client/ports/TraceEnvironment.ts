import type { Clock } from '../../async/clock.js'
import type { StreamEvent } from '../../protocol/index.js'
import type { ByteSource } from '../../json/readChunks.js'
import type { DecodeOptions } from '../../records/decodeTraceStream.js'
import type { RecordBatch } from '../../records/RecordBatch.js'

/** What the client needs of the world around it; tests give it a clock of their own. */
export interface TraceEnvironment extends Clock {
  /** Absolute. Paths of the server are joined to it, and addresses of other origins are refused. */
  readonly baseUrl: string
  /** From 0 up to, not including, 1. */
  random: () => number
  /** Whether nobody can see the page: it then asks less often and gives its stream back. */
  isHidden: () => boolean
  /** `false` only when there is surely no network. */
  isOnline: () => boolean
  /** Calls `listener` after each change of `isHidden`; returns how to stop that. */
  onVisibilityChange: (listener: () => void) => () => void
  /** Calls `listener` when the network has come back; returns how to stop that. */
  onOnline: (listener: () => void) => () => void
  /**
   * Bytes of a stream or a whole answer as events. Works and throws as `decodeTraceStream` does, which is the default.
   * `onBytes` is to be called as bytes come: a stream that is slow, or says nothing that makes an event, is told by it
   * from a dead one. Not every browser can iterate over a stream; `readChunks` reads `bytes` everywhere.
   */
  decode: (
    bytes: ByteSource,
    options: Required<Pick<DecodeOptions, 'format' | 'signal' | 'onBytes'>>,
  ) => AsyncIterable<StreamEvent<RecordBatch>>
  /** Called when a run begins, long before it has a stream: a moment to start what `decode` will need. */
  prepareDecode?: () => void
}
