import { compareDecimals, isNumericText } from './decimals.js'
import type { SortOrder } from './Row.js'
import { STEPS, type RowWork } from './rowWork.js'
import { createTextOrder, KEYS_PER_TEXT, MAX_COMPARED } from './textOrder.js'
import { createTimeTest, wallTime } from './wallTime.js'

// In this order.
const NUMBER = 0
const TEXT = 1
const BOOLEAN = 2
const OTHER = 3
const NOTHING = 4

/**
 * The rank of each of `cells`, from 0; equal cells share a rank.
 *
 * Keys in typed arrays decide nearly all comparisons: following two pointers to strings takes 250 ns at a
 * million cells, because they lie anywhere.
 */
export function* sortedCells(distinct: readonly unknown[], order: SortOrder, locale: string): RowWork {
  const texts = createTextOrder(locale)
  const cells = yield* withTimes(distinct)
  const { classes, keys, hasKeys } = yield* keysOf(cells, texts.writeKeys)
  const [first, second, third] = keys
  const direction = order === 'descending' ? -1 : 1

  function isAfter(a: number, b: number): boolean {
    const byClass = classes[a]! - classes[b]!
    // Rows without a value are last in either order.
    if (byClass !== 0) return (classes[a] === NOTHING || classes[b] === NOTHING ? 1 : direction) * byClass > 0
    if (hasKeys[a] === 1 && hasKeys[b] === 1) {
      const byKey = first![a]! - first![b]! || second![a]! - second![b]! || third![a]! - third![b]!
      if (byKey !== 0) return byKey * direction > 0
    }
    if (classes[a] === TEXT) return texts.compare(cells[a] as string, cells[b] as string) * direction > 0
    return classes[a] === NUMBER && compareNumbers(cells[a], cells[b]) * direction > 0
  }

  const sorted = yield* mergeSorted(cells.length, isAfter)
  const ranks = new Uint32Array(cells.length)
  for (let k = 1, rank = 0; k < sorted.length; k++) {
    if (k % STEPS === 0) yield
    if (isAfter(sorted[k]!, sorted[k - 1]!)) rank++
    ranks[sorted[k]!] = rank
  }
  return ranks
}

/** Compares numbers that are the same double: as texts, some have more digits. */
function compareNumbers(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return 0
  const [x, y] = [String(a), String(b)]
  return compareDecimals(x, y) || (x < y ? -1 : x > y ? 1 : 0)
}

/** Merge sort, because it can stop anywhere and keeps equals in their order. */
function* mergeSorted(length: number, isAfter: (a: number, b: number) => boolean): RowWork {
  let from = new Uint32Array(length)
  let to = new Uint32Array(length)
  for (let i = 0; i < length; i++) from[i] = i
  let steps = 0
  for (let width = 1; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = Math.min(start + width, length)
      const end = Math.min(start + 2 * width, length)
      for (let left = start, right = middle, k = start; k < end; k++) {
        const takeLeft = left < middle && (right === end || !isAfter(from[left]!, from[right]!))
        to[k] = takeLeft ? from[left++]! : from[right++]!
        if (++steps % STEPS === 0) yield
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}

/** The cells as they are, or, when all of them are times, written alike. */
function* withTimes(cells: readonly unknown[]): Generator<void, readonly unknown[]> {
  const test = createTimeTest()
  for (let i = 0; i < cells.length; i++) {
    if (i % STEPS === 0) yield
    if (!test.see(cells[i])) return cells
  }
  if (!test.isTime()) return cells
  const times: unknown[] = []
  for (let i = 0; i < cells.length; i++) {
    if (i % STEPS === 0) yield
    const cell = cells[i]
    times.push(typeof cell === 'string' ? (wallTime(cell) ?? cell) : cell)
  }
  return times
}

function* keysOf(cells: readonly unknown[], writeKeys: ReturnType<typeof createTextOrder>['writeKeys']) {
  const classes = new Uint8Array(cells.length)
  const hasKeys = new Uint8Array(cells.length)
  const keys = Array.from({ length: KEYS_PER_TEXT }, () => new Float64Array(cells.length))
  const [first] = keys
  let sample: string | null = null
  let shared = 0
  for (let i = 0; i < cells.length; i++) {
    if (i % STEPS === 0) yield
    const cell = cells[i]
    const kind = (classes[i] = classOf(cell))
    if (kind !== TEXT) {
      hasKeys[i] = 1
      if (kind === NUMBER || kind === BOOLEAN) first![i] = Number(cell)
      continue
    }
    const text = cell as string
    if (sample === null) [sample, shared] = [text, Math.min(text.length, MAX_COMPARED)]
    else shared = sharedLength(sample, text, shared)
  }
  // A beginning that all texts share, such as a year, would waste the keys.
  for (let i = 0; i < cells.length; i++) {
    if (i % STEPS === 0) yield
    if (classes[i] === TEXT && writeKeys(cells[i] as string, shared, keys, i)) hasKeys[i] = 1
  }
  return { classes, keys, hasKeys }
}

/** The length of what both begin with, without digits at its end: a part of a number has another value. */
function sharedLength(a: string, b: string, longest: number): number {
  let length = 0
  while (length < longest && a.charCodeAt(length) === b.charCodeAt(length)) length++
  while (length > 0 && /\d/.test(a[length - 1]!)) length--
  return length
}

function classOf(value: unknown): number {
  if (typeof value === 'number') return NUMBER
  if (typeof value === 'string') return isNumericText(value) ? NUMBER : TEXT
  if (typeof value === 'boolean') return BOOLEAN
  return value === null || value === undefined ? NOTHING : OTHER
}
