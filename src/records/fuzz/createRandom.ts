/** A seeded source of choices: the same seed makes the same run. */
export interface Random {
  /** A whole number from 0, less than `n`. */
  below: (n: number) => number
  /** True with probability `p`. */
  chance: (p: number) => boolean
  pick: <T>(from: readonly T[]) => T
}

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  function next() {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    below: (n) => Math.floor(next() * n),
    chance: (p) => next() < p,
    pick: (from) => from[Math.floor(next() * from.length)]!,
  }
}
