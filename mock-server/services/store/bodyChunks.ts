import type { StoredChunk } from '../../ports/index.js'

/** A part of an answer's text, as it comes: short text, bytes, or a stored chunk that need not be unpacked. */
export type Piece = string | Uint8Array | StoredChunk

export type Pieces = AsyncIterable<Piece>

export function isStoredChunk(piece: Piece): piece is StoredChunk {
  return typeof piece === 'object' && 'encoding' in piece
}
