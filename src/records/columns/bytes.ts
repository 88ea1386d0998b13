/** Reading bytes four at a time: callers promise readable bytes up to 3 behind the end. */

const GOLDEN = 0x9e3779b1 | 0

/** The low `n` bytes of a word, `n` from 0 to 3. */
export function lowBytes(word: number, n: number): number {
  return word & ((1 << (n << 3)) - 1)
}

/** One step of the hash of a text, word by word; the last word has only its own bytes. */
export function mixHash(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, GOLDEN)
  return mixed ^ (mixed >>> 15)
}

export function hashBytes(view: DataView, start: number, length: number): number {
  let hash = 0
  const end = start + length
  let p = start
  for (; p + 4 <= end; p += 4) hash = mixHash(hash, view.getInt32(p, true))
  return mixHash(hash, lowBytes(view.getInt32(p, true), end - p))
}

/**
 * Whether `length` bytes of `a` from `i` equal those of `b` from `j`. Read as numbers, eight at a time; so one of them
 * must be valid UTF-8, which is never a NaN, and one without zeros, or both be valid: -0 is not.
 */
export function isSameBytes(a: DataView, i: number, b: DataView, j: number, length: number): boolean {
  if (length >= 8) {
    const last = length - 8
    for (let k = 0; k < last; k += 8)
      if (a.getFloat64(i + k, true) !== b.getFloat64(j + k, true)) return false
    return a.getFloat64(i + last, true) === b.getFloat64(j + last, true)
  }
  if (length >= 4) {
    const last = length - 4
    return (
      a.getInt32(i, true) === b.getInt32(j, true) && a.getInt32(i + last, true) === b.getInt32(j + last, true)
    )
  }
  return lowBytes(a.getInt32(i, true) ^ b.getInt32(j, true), length) === 0
}
