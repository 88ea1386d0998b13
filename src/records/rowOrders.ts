import { createMemo } from './createMemo.js'
import type { RecordRows, RowTest, SortOrder } from './RecordRows.js'
import { STEPS, type RowWork } from './rowWork.js'
import { sortedCells } from './sortedCells.js'

/** The rows that `test` accepts. */
export function* filteredRows<TRow extends object>(rows: RecordRows<TRow>, test: RowTest<TRow>): RowWork {
  const { cursor, moveTo } = createCursor(rows)
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
 * The rows in which a cell contains `text`, whatever its case.
 *
 * @param columns where to look
 */
export function* searchedRows(rows: RecordRows<object>, text: string, columns: readonly string[]): RowWork {
  const wanted = text.toLowerCase()
  const isCased = wanted !== text.toUpperCase()
  const isFound = new Uint8Array(rows.loaded)
  for (const name of columns) {
    const { get } = rows.column(name)
    const known = createMemo<boolean>()
    for (let i = 0; i < rows.loaded; i++) {
      if (i % STEPS === 0) yield
      if (isFound[i] === 1) continue
      const cell = get(i)
      let contains = known.get(cell)
      if (contains === undefined) {
        const shown = cellText(cell)
        contains = (isCased ? shown.toLowerCase() : shown).includes(wanted)
        known.set(cell, contains)
      }
      if (contains) isFound[i] = 1
    }
  }
  let count = 0
  const found = new Uint32Array(rows.loaded)
  for (let i = 0; i < rows.loaded; i++) if (isFound[i] === 1) found[count++] = i
  return found.slice(0, count)
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}

/**
 * The rows by the cells of a column: numbers by value, then text by code unit, then booleans, then the rest,
 * rows without a value last. Rows with equal cells stay in their order.
 */
export function* sortedRows(
  rows: RecordRows<object>,
  column: string,
  order: SortOrder = 'ascending',
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
  const rankOf = yield* sortedCells(cells, order)
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
function createCursor<TRow extends object>(rows: RecordRows<TRow>) {
  const untyped: RecordRows<object> = rows
  let index = 0
  const cursor = {}
  for (const name of untyped.columns) {
    const { get } = untyped.column(name)
    Object.defineProperty(cursor, name, { enumerable: true, get: () => get(index) })
  }
  return { cursor: Object.freeze(cursor) as Readonly<TRow>, moveTo: (i: number) => void (index = i) }
}
