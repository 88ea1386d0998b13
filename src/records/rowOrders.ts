import type { RecordColumn } from './RecordColumn.js'
import type { RowTest, SortOrder } from './Row.js'
import { STEPS, type RowWork } from './rowWork.js'
import { folded, isInLongText, PIECE_LENGTH, searchTerms, searchText } from './searchTerms.js'
import { sortedCells } from './sortedCells.js'

/** What filtering and ordering need of rows. It is less than `RecordRows`, which has them as methods. */
export interface ReadableRows {
  readonly loaded: number
  readonly columns: readonly string[]
  column(name: string): RecordColumn
}

/** The rows that `test` accepts. */
export function* filteredRows<TRow extends object>(rows: ReadableRows, test: RowTest<TRow>): RowWork {
  const { cursor, moveTo } = createCursor<TRow>(rows)
  const found = new Uint32Array(rows.loaded)
  let count = 0
  for (let i = 0; i < rows.loaded; i++) {
    if (i % STEPS === 0) yield
    moveTo(i)
    if (test(cursor, i)) found[count++] = i
  }
  return found.slice(0, count)
}

/**
 * The rows in which every word of `text`, and every phrase in quotes, is in some cell. Texts that look
 * alike to a reader count as equal (`folded`).
 *
 * @param columns where to look
 */
export function* searchedRows(rows: ReadableRows, text: string, columns: readonly string[]): RowWork {
  let found = new Uint32Array(rows.loaded)
  for (let i = 0; i < found.length; i++) {
    if (i % STEPS === 0) yield
    found[i] = i
  }
  for (const term of searchTerms(text)) found = yield* rowsWith(term, rows, found, columns)
  return found
}

/** Characters that are folded in the time of one cell. */
const CHARACTERS_PER_STEP = 64

/** Those of `among` that have `term` in some cell. */
function* rowsWith(
  term: string,
  rows: ReadableRows,
  among: Uint32Array<ArrayBuffer>,
  columns: readonly string[],
): Generator<void, Uint32Array<ArrayBuffer>> {
  const isFound = new Uint8Array(among.length)
  let steps = 0
  for (const name of columns) {
    const { get } = rows.column(name)
    const known = createMemo<boolean>()
    for (let i = 0; i < among.length; i++) {
      if (++steps >= STEPS) {
        steps = 0
        yield
      }
      if (isFound[i] === 1) continue
      const cell = get(among[i]!)
      let contains = known.get(cell)
      if (contains === undefined) {
        const text = searchText(cell)
        const isLong = text.length > PIECE_LENGTH
        contains = isLong ? yield* isInLongText(term, text) : folded(text).includes(term)
        known.set(cell, contains)
        steps += text.length / CHARACTERS_PER_STEP
      }
      if (contains) isFound[i] = 1
    }
  }
  const found = new Uint32Array(among.length)
  let count = 0
  for (let i = 0; i < among.length; i++) {
    if (i % STEPS === 0) yield
    if (isFound[i] === 1) found[count++] = among[i]!
  }
  return found.slice(0, count)
}

/**
 * The rows in the order of a column: numbers by value, also those that are text; then other text in the order of its
 * language; then booleans; then the rest. Rows without a value are last in either order. Rows with equal cells keep
 * their order.
 */
export function* sortedRows(
  rows: ReadableRows,
  column: string,
  order: SortOrder = 'ascending',
  locale = 'en',
): RowWork {
  const { get } = rows.column(column)
  // Only different cells are compared; the rows are then dealt out by rank.
  const cells: unknown[] = []
  const known = createMemo<number>()
  const idOf = new Uint32Array(rows.loaded)
  for (let i = 0; i < rows.loaded; i++) {
    if (i % STEPS === 0) yield
    const cell = get(i)
    let id = known.get(cell)
    if (id === undefined) known.set(cell, (id = cells.push(cell) - 1))
    idOf[i] = id
  }
  const rankOf = yield* sortedCells(cells, order, locale)
  return yield* dealtOut(idOf, rankOf)
}

function* dealtOut(idOf: Uint32Array, rankOf: Uint32Array): RowWork {
  // A counting sort: first how many rows each rank has, then where its next row goes.
  const next = new Uint32Array(rankOf.length + 1)
  for (let i = 0; i < idOf.length; i++) {
    if (i % STEPS === 0) yield
    next[rankOf[idOf[i]!]! + 1]!++
  }
  for (let rank = 1; rank < next.length; rank++) next[rank]! += next[rank - 1]!
  const dealt = new Uint32Array(idOf.length)
  for (let i = 0; i < idOf.length; i++) {
    if (i % STEPS === 0) yield
    dealt[next[rankOf[idOf[i]!]!]!++] = i
  }
  return dealt
}

/** An object that shows one row after the other, reading only the cells that are asked for. */
function createCursor<TRow extends object>(rows: ReadableRows) {
  let index = 0
  // Without a prototype: a row that has no column `constructor` has no such cell.
  const cursor = Object.create(null) as object
  for (const name of rows.columns) {
    const { get } = rows.column(name)
    Object.defineProperty(cursor, name, { enumerable: true, get: () => get(index) })
  }
  return { cursor: Object.freeze(cursor) as Readonly<TRow>, moveTo: (i: number) => void (index = i) }
}

/** Remembers results by value, as long as that saves time. */
interface Memo<T> {
  get: (value: unknown) => T | undefined
  set: (value: unknown, known: T) => void
}

/** A larger map blocks for many milliseconds each time it grows. */
const MAX_SIZE = 100_000

/** Misses after which a memo that seldom helps gives up: each costs a microsecond in a large map. */
const TRIAL = 16_000

/** Longest text that is remembered: engines hash longer ones by their length alone, and then compare one by one. */
const MAX_TEXT_LENGTH = 1000

function createMemo<T>(): Memo<T> {
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
