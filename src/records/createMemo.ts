/** Remembers what was found out about values, while that pays. */
export interface Memo<T> {
  get: (value: unknown) => T | undefined
  set: (value: unknown, known: T) => void
}

/** A larger map blocks for many milliseconds each time it grows. */
const MAX_SIZE = 100_000

/** Misses after which a memo that seldom helps gives up: each costs a microsecond in a large map. */
const TRIAL = 16_000

/** Longest text that is remembered: engines tell longer ones apart by their length alone, one by one. */
const MAX_TEXT_LENGTH = 1000

export function createMemo<T>(): Memo<T> {
  let known: Map<unknown, T> | null = new Map()
  let lookups = 0
  let misses = 0
  return {
    get: (value) => {
      lookups++
      return isLong(value) ? undefined : known?.get(value)
    },
    set(value, found) {
      if (!known || isLong(value)) return
      if (++misses > TRIAL && misses > 0.8 * lookups) known = null
      else if (known.size < MAX_SIZE) known.set(value, found)
    },
  }
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && value.length > MAX_TEXT_LENGTH
}
