const ONES = 0x01010101
const HIGH_BITS = 0x80808080 | 0

/**
 * `bytes.indexOf(byte, from)`, sixteen bytes at a time: Chromium looks at one after the other, at 2 GB/s, which was a
 * tenth of all decoding.
 */
export function indexOfByte(bytes: Uint8Array, byte: number, from: number): number {
  const { buffer, byteOffset, length } = bytes
  let p = from
  while (p < length && (byteOffset + p) % 4 !== 0) if (bytes[p++] === byte) return p - 1
  if (length - p >= 16) {
    const words = new Int32Array(buffer, byteOffset + p, (length - p) >> 2)
    const wanted = byte * ONES
    let w = 0
    for (const end = words.length - 3; w < end; w += 4) {
      const a = words[w]! ^ wanted
      const b = words[w + 1]! ^ wanted
      const c = words[w + 2]! ^ wanted
      const d = words[w + 3]! ^ wanted
      // A byte that is wanted is zero here, and borrows from its high bit; without one, no such bit is set.
      const zeros = ((a - ONES) & ~a) | ((b - ONES) & ~b) | ((c - ONES) & ~c) | ((d - ONES) & ~d)
      if ((zeros & HIGH_BITS) !== 0) break
    }
    p += 4 * w
  }
  while (p < length) if (bytes[p++] === byte) return p - 1
  return -1
}
