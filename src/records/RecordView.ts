import { runAtOnce } from '../async/slices.js'
import { createViewColumn, type RecordColumn } from './RecordColumn.js'
import type { RecordRows, RowTest, SortOrder } from './RecordRows.js'
import type { ColumnName, Row } from './Row.js'
import { filteredRows, sortedRows } from './rowOrders.js'
import { atIndex, sliceBounds } from './sliceBounds.js'

/** Some rows of other rows, in an order of their own, without copying them: four bytes a row. Immutable. */
export class RecordView<TRow extends object = Row> implements RecordRows<TRow> {
  readonly #source: RecordRows<TRow>
  readonly #indices: Uint32Array

  /** @param indices of the rows of `source`; not to be changed afterwards */
  constructor(source: RecordRows<TRow>, indices: Uint32Array) {
    this.#source = source
    this.#indices = indices
    Object.freeze(this)
  }

  get loaded(): number {
    return this.#indices.length
  }

  get columns(): readonly string[] {
    return this.#source.columns
  }

  /** Where row `i` of this view stands in its source; -1 when there is none. */
  sourceIndex(i: number): number {
    return this.#indices[atIndex(i, this.loaded)] ?? -1
  }

  at(i: number): TRow | undefined {
    const index = this.#indices[atIndex(i, this.loaded)]
    return index === undefined ? undefined : this.#source.at(index)
  }

  slice(from = 0, to = this.loaded): TRow[] {
    const [first, end] = sliceBounds(from, to, this.loaded)
    return Array.from(this.#indices.subarray(first, end), (index) => this.#source.at(index)!)
  }

  toArray(): TRow[] {
    return this.slice()
  }

  *[Symbol.iterator](): IterableIterator<TRow> {
    for (const index of this.#indices) yield this.#source.at(index)!
  }

  column(name: ColumnName<TRow>): RecordColumn {
    // Other columns are named at run time.
    const source: RecordRows<object> = this.#source
    return createViewColumn(source.column(name), this.#indices, (other) => source.column(other))
  }

  filter(test: RowTest<TRow>): RecordView<TRow> {
    return new RecordView(this, runAtOnce(filteredRows(this, test)))
  }

  sortBy(column: ColumnName<TRow>, order?: SortOrder, locale?: string): RecordView<TRow> {
    return new RecordView(this, runAtOnce(sortedRows(this, column, order, locale)))
  }
}
