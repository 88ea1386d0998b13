/** Text as it lies in a store. */
export interface StoredChunk {
  bytes: Uint8Array
  /** `deflate`: raw deflate blocks (RFC 1951) ending in a sync flush, never in a final block. */
  encoding: 'deflate' | 'identity'
  /** Length of the text, in bytes. */
  textBytes: number
  /** CRC-32 of the text (as gzip's, RFC 1952). */
  crc32: number
}

/** Packs text for a store. Deflated chunks can be spliced into one gzip member as they are. */
export interface ChunkCodec {
  encode: (text: Uint8Array) => StoredChunk
  /** The same, beside this thread where there is another to do it; `text` must not change meanwhile. */
  encodeBeside: (text: Uint8Array) => Promise<StoredChunk>
  /** @throws {TraceError} `CHUNK_MISSING` when the bytes do not give back the text */
  decode: (chunk: StoredChunk) => Uint8Array
}
