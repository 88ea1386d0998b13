import type { ChunkCodec, StoredChunk } from '../../ports/index.js'
import { createIdIndex } from './createIdIndex.js'
import { encodeEntries, encodeItems } from './fragments.js'

/** A list or map that comes piece by piece and is packed batch by batch. */
export interface Packer<T> {
  /** @param length roughly how long the value's text is; for values that may be long */
  add: (key: string, value: T, length?: number) => void
  finish: () => StoredChunk[]
}

/** The same, each key once. */
export interface Section<T> extends Packer<T> {
  /** Adds what was not there before, and says whether it was not: the first under a key counts. */
  add: (key: string, value: T, length?: number) => boolean
  size: () => number
}

interface Options {
  codec: ChunkCodec
  /** Most items or entries of a batch. */
  batchSize: number
  /** `items` become an array of the values, `entries` an object. */
  as: 'items' | 'entries'
}

/** A batch of longer texts ends before it is full: each is packed, and later read, in one go. */
const BATCH_LENGTH = 2 ** 20

/** Holds one batch unpacked, the rest packed. */
export function createPacker<T>({ codec, batchSize, as }: Options): Packer<T> {
  const chunks: StoredChunk[] = []
  let batch: [string, T][] = []
  let batchLength = 0

  function pack() {
    if (batch.length === 0) return
    const values = () => batch.map(([, value]) => value)
    chunks.push(as === 'entries' ? encodeEntries(codec, batch) : encodeItems(codec, values()))
    batch = []
    batchLength = 0
  }

  return {
    add(key, value, length = 0) {
      batch.push([key, value])
      batchLength += length
      if (batch.length >= batchSize || batchLength >= BATCH_LENGTH) pack()
    },
    finish() {
      pack()
      return chunks
    },
  }
}

/** Holds the keys and one batch unpacked, the rest packed. */
export function createSection<T>(options: Options): Section<T> {
  const keys = createIdIndex()
  const packer = createPacker<T>(options)

  return {
    add(key, value, length) {
      const known = keys.size
      if (keys.add(key) < known) return false
      packer.add(key, value, length)
      return true
    },
    size: () => keys.size,
    finish: packer.finish,
  }
}
