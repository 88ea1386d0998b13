import type { ColumnCells } from './columns/ColumnCells.js'
import type { Row } from './Row.js'

/** The rows of one `records` line. Immutable, and never a reactive proxy. */
export interface RecordBatch {
  readonly length: number
  /** Names of all columns that any row has, in the order of their first appearance. */
  readonly columns: readonly string[]
  /** Row `i`, from 0 and less than `length`, as a plain object. */
  at: (i: number) => Row
  /** One cell; `undefined` where the row has no such column. */
  value: (i: number, column: string) => unknown
  /** A whole column, in the form it is stored in; `undefined` when no row has it. */
  cells: (column: string) => ColumnCells | undefined
}
