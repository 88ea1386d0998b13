import { runAtOnce } from '../async/slices.js'
import { createViewColumn, type RecordColumn } from './RecordColumn.js'
import type { ColumnName, Row, RowTest, SortOrder } from './Row.js'
import { filteredRows, sortedRows } from './rowOrders.js'
import { atIndex, sliceBounds } from './sliceBounds.js'

/** Rows to read: a `RecordList`, or a `RecordView` of some of its rows in some order. */
export interface RecordRows<TRow extends object = Row> extends Iterable<TRow> {
  /** Rows here now. */
  readonly loaded: number
  /** Names of all columns that any row has, in the order of their first appearance. */
  readonly columns: readonly string[]
  /** Row `i` as a plain object of its own; negative counts from the end, as `Array.at` does. */
  at: (i: number) => TRow | undefined
  /** Rows `from` up to, not including, `to`, as `Array.slice` does. */
  slice: (from?: number, to?: number) => TRow[]
  /** All rows as objects: for small lists and for code that must have an array. */
  toArray: () => TRow[]
  /** One column of all rows here now. A name that no row has gives a column of `undefined`. */
  column(name: ColumnName<TRow>): RecordColumn
  /** The rows that `test` accepts; blocks while it works, `filterInSlices` does not. */
  filter: (test: RowTest<TRow>) => RecordView<TRow>
  /**
   * The rows in the order of a column: numbers by value, also those that are text, then other text in the natural order
   * of `locale` (default `en`): `LOT-9` before `LOT-10`. Rows without a value are last in either order. Blocks while
   * it works, `sortInSlices` does not.
   */
  sortBy(column: ColumnName<TRow>, order?: SortOrder, locale?: string): RecordView<TRow>
}

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
