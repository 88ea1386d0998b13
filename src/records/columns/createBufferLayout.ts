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

/** The narrowest array type that gives each of `numbers` back to the bit. */
export function narrowestType(numbers: Float64Array): PartType {
  let least = 0
  let greatest = 0
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!
    // Only floats have -0.
    if (!Number.isInteger(value) || Object.is(value, -0)) return floatType(numbers)
    if (value < least) least = value
    else if (value > greatest) greatest = value
  }
  if (least >= 0) {
    if (greatest < 2 ** 8) return 'u8'
    if (greatest < 2 ** 16) return 'u16'
    if (greatest < 2 ** 32) return 'u32'
  } else {
    if (least >= -(2 ** 7) && greatest < 2 ** 7) return 'i8'
    if (least >= -(2 ** 15) && greatest < 2 ** 15) return 'i16'
    if (least >= -(2 ** 31) && greatest < 2 ** 31) return 'i32'
  }
  return floatType(numbers)
}

function floatType(numbers: Float64Array): PartType {
  for (let i = 0; i < numbers.length; i++) if (Math.fround(numbers[i]!) !== numbers[i]) return 'f64'
  return 'f32'
}
