import type { StoredChunk } from './ChunkCodec.js'

/**
 * Keyed, expiring lists of chunks, for what is larger than memory should hold whole: job requests, lineages
 * and cached answers. Every adapter passes `contracts/batchStore.contract.ts`.
 */
export interface BatchStore {
  /**
   * Stores a list under `key`; readers see it only when it is complete.
   *
   * @throws {TraceError} `STORE_UNAVAILABLE`, `MEMORY_GUARD` when the store is full
   */
  put: (
    key: string,
    chunks: Iterable<StoredChunk> | AsyncIterable<StoredChunk>,
    ttlSeconds: number,
  ) => Promise<void>
  /** The list's chunks, one in memory at a time, or `null` when there is none (any more). */
  get: (key: string) => Promise<AsyncIterable<StoredChunk> | null>
  /** Lets the list live at least `ttlSeconds` more; `false` when there is none. */
  touch: (key: string, ttlSeconds: number) => Promise<boolean>
  delete: (key: string) => Promise<void>
}
