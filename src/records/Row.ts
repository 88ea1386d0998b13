/** One event row as plain data. Column names and values are the source's own. */
export type Row = Record<string, unknown>
