import type { RecordBatch } from '../RecordBatch.js'
import type { Row } from '../Row.js'
import type { ColumnCells } from './ColumnCells.js'

/** A batch read from columns: a row becomes an object when it is asked for. */
export class ColumnBatch implements RecordBatch {
  readonly length: number
  readonly columns: readonly string[]
  readonly #cells: ReadonlyMap<string, ColumnCells>

  constructor(length: number, cells: ReadonlyMap<string, ColumnCells>) {
    this.length = length
    this.columns = [...cells.keys()]
    this.#cells = cells
    Object.freeze(this)
  }

  at(i: number): Row {
    const row: Row = {}
    for (const [name, cells] of this.#cells) {
      const value = cells.get(i)
      if (value === undefined) continue
      if (name !== '__proto__') row[name] = value
      // Assigning it would set the prototype.
      else Object.defineProperty(row, name, { value, configurable: true, enumerable: true, writable: true })
    }
    return row
  }

  value(i: number, column: string): unknown {
    return this.#cells.get(column)?.get(i)
  }

  cells(column: string): ColumnCells | undefined {
    return this.#cells.get(column)
  }
}
