/**
 * For each lot all that is reached over `next`, ascending.
 *
 * @param order visits a lot after everything it reaches
 */
export function reach(next: readonly (readonly number[])[], order: Iterable<number>): number[][] {
  // Bit sets: a family is some 160 lots, and a date range of five months a thousand families.
  const words = Math.ceil(next.length / 32)
  const bits = new Int32Array(words * next.length)
  for (const place of order) {
    for (const neighbour of next[place]!) {
      for (let word = 0; word < words; word++) bits[place * words + word]! |= bits[neighbour * words + word]!
      bits[place * words + (neighbour >> 5)]! |= 1 << (neighbour & 31)
    }
  }
  return next.map((_, place) => {
    const reached: number[] = []
    for (let word = 0; word < words; word++) {
      for (let rest = bits[place * words + word]!; rest !== 0; rest &= rest - 1) {
        reached.push(word * 32 + 31 - Math.clz32(rest & -rest))
      }
    }
    return reached
  })
}
