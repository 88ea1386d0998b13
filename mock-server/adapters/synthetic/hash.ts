/**
 * Spreads three integers over 32 bits; the factory's only source of variety. The same integers always give
 * the same number, on every machine.
 *
 * @see https://github.com/aappleby/smhasher (the finaliser of MurmurHash3)
 */
export function hash(a: number, b: number, salt: number): number {
  return finalise(finalise(Math.imul(a, 0x9e3779b1) + salt) ^ Math.imul(b, 0x85ebca77))
}

function finalise(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
