import type { StoredChunk } from '../../ports/index.js'

/** A part of an answer's text, as it comes: short text, bytes, or a stored chunk that need not be unpacked. */
export type BodyChunk = string | Uint8Array | StoredChunk

export type BodyChunks = AsyncIterable<BodyChunk>

export function isStoredChunk(chunk: BodyChunk): chunk is StoredChunk {
  return typeof chunk === 'object' && 'encoding' in chunk
}
