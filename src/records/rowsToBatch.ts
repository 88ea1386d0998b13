import { TraceError } from '../errors.js'
import type { ColumnCells } from './columns/ColumnCells.js'
import type { RecordBatch } from './RecordBatch.js'
import { isRow, type Row } from './Row.js'

/**
 * Makes a batch of parsed rows, which are kept as they are.
 *
 * @throws {TraceError} `UNEXPECTED_RESPONSE` when a row is not an object
 */
export function rowsToBatch(rows: readonly unknown[]): RecordBatch {
  if (rows.every(isRow)) return new RowBatch(rows)
  const wrong = rows.findIndex((row) => !isRow(row))
  throw new TraceError('UNEXPECTED_RESPONSE', `Row ${wrong} of the data is not an object`)
}

class RowBatch implements RecordBatch {
  readonly #rows: readonly Row[]
  #names: ReadonlySet<string> | undefined
  #columns: readonly string[] | undefined

  constructor(rows: readonly Row[]) {
    this.#rows = rows
    Object.freeze(this)
  }

  get length() {
    return this.#rows.length
  }

  get columns() {
    return (this.#columns ??= [...this.#nameSet])
  }

  get #nameSet() {
    return (this.#names ??= keysOf(this.#rows))
  }

  at(i: number): Row {
    return this.#rows[i]!
  }

  value(i: number, column: string): unknown {
    const row = this.#rows[i]!
    return Object.hasOwn(row, column) ? row[column] : undefined
  }

  cells(column: string): ColumnCells | undefined {
    if (!this.#nameSet.has(column)) return undefined
    return { kind: 'values', get: (i) => this.value(i, column) }
  }
}

function keysOf(rows: readonly Row[]): Set<string> {
  const names = new Set<string>()
  let last: string[] = []
  for (const row of rows) {
    const keys = Object.keys(row)
    // Rows of one kind follow each other: comparing their names costs a fifth of collecting them.
    if (keys.length === last.length && keys.every((key, i) => key === last[i])) continue
    for (const key of keys) names.add(key)
    last = keys
  }
  return names
}
