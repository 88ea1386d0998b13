import type { RecordColumn } from './RecordColumn.js'
import type { RecordView } from './RecordView.js'
import type { ColumnName, Row } from './Row.js'

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
   * of `locale` (default `en`): `LOT-9` before `LOT-10`. Rows without a value are last, whatever the order. Blocks while
   * it works, `sortInSlices` does not.
   */
  sortBy(column: ColumnName<TRow>, order?: SortOrder, locale?: string): RecordView<TRow>
}

/** Judges a row. `row` is valid only during the call and reads a cell when asked for it: copy it to keep it. */
export type RowTest<TRow extends object = Row> = (row: Readonly<TRow>, i: number) => boolean

export type SortOrder = 'ascending' | 'descending'
