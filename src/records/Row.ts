/** One event row as plain data. Column names and values are the source's own. */
export type Row = Record<string, unknown>

/** Names of a row's columns; any text where the row's type does not name them. */
export type ColumnName<TRow extends object> = [keyof TRow] extends [never]
  ? string
  : string extends keyof TRow
    ? string
    : keyof TRow & string

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Judges a row. `row` is valid only during the call and reads a cell when asked for it: copy it to keep it. */
export type RowTest<TRow extends object = Row> = (row: Readonly<TRow>, i: number) => boolean

export type SortOrder = 'ascending' | 'descending'
