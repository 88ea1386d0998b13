import type { ChunkCodec, StoredChunk } from '../ports/index.js'
import { encodeEntries, encodeItems } from './fragments.js'

/** A list or map of an answer that is gathered in any order and packed batch by batch. */
export interface Section<T> {
  /** Adds what was not there before; the first under a key counts. */
  add: (key: string, value: T) => void
  size: () => number
  finish: () => StoredChunk[]
}

interface Options {
  codec: ChunkCodec
  batchSize: number
  /** `items` become an array of the values, `entries` an object. */
  as: 'items' | 'entries'
}

/** Holds the keys and one batch unpacked, the rest packed. */
export function createSection<T>({ codec, batchSize, as }: Options): Section<T> {
  const keys = new Set<string>()
  const chunks: StoredChunk[] = []
  let batch: [string, T][] = []

  function pack() {
    if (batch.length === 0) return
    const values = () => batch.map(([, value]) => value)
    chunks.push(as === 'entries' ? encodeEntries(codec, batch) : encodeItems(codec, values()))
    batch = []
  }

  return {
    add(key, value) {
      if (keys.has(key)) return
      keys.add(key)
      batch.push([key, value])
      if (batch.length >= batchSize) pack()
    },
    size: () => keys.size,
    finish() {
      pack()
      return chunks
    },
  }
}
