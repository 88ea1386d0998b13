import { PART_TYPES, type Part, type PartArray, type PartType } from './PackedBatch.js'

/** Collects a batch's arrays and copies them once, into one buffer. */
export interface BufferLayout {
  /** Reserves room for `source`, stored as `type`; it must not change before `build`. */
  place: (source: PartArray, type: PartType) => Part
  build: () => ArrayBuffer
}

export function createBufferLayout(): BufferLayout {
  const placed: { part: Part; source: PartArray }[] = []
  let size = 0
  return {
    place(source, type) {
      const part = { type, offset: size, length: source.length }
      // Aligned for the widest type.
      size += (source.length * PART_TYPES[type].BYTES_PER_ELEMENT + 7) & ~7
      placed.push({ part, source })
      return part
    },
    build() {
      const buffer = new ArrayBuffer(size)
      for (const { part, source } of placed) readPart(buffer, part).set(source)
      return buffer
    },
  }
}

/** The array that `part` describes, without a copy. */
export function readPart(buffer: ArrayBuffer, { type, offset, length }: Part): PartArray {
  return new PART_TYPES[type](buffer, offset, length)
}
