/** A growing list of 32-bit integers: four bytes each, and never a copy of the whole, as doubling one array makes. */
export interface IntList {
  readonly length: number
  push: (value: number) => void
  at: (index: number) => number
}

const CHUNK_BITS = 15
const CHUNK_LENGTH = 1 << CHUNK_BITS

/** Makes an empty list. */
export function createIntList(): IntList {
  const chunks: Int32Array[] = []
  let length = 0
  let last = new Int32Array(0)
  return {
    get length() {
      return length
    },
    push(value) {
      const offset = length & (CHUNK_LENGTH - 1)
      if (offset === 0) chunks.push((last = new Int32Array(CHUNK_LENGTH)))
      last[offset] = value
      length++
    },
    at: (index) => chunks[index >> CHUNK_BITS]![index & (CHUNK_LENGTH - 1)]!,
  }
}
