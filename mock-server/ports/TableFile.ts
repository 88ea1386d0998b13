/** What the cells of a column are; any of them may be `null`. */
export interface TableColumn {
  name: string
  /** `time`: whole microseconds since 1970, factory-local, as `bigint`. */
  type: 'text' | 'number' | 'time'
}

export type TableCell = string | number | bigint | null

/** A typed file that analysts' tools read, made part by part: what it gives, one after the other, is the file. */
export interface TableFile {
  /** @param columns the cells of each column, of equally many rows */
  write: (columns: readonly (readonly TableCell[])[]) => Uint8Array
  /** To be called once, after the last rows. */
  finish: () => Uint8Array
}

/** Begins a file of these columns, of which there is at least one. */
export type OpenTableFile = (columns: readonly TableColumn[]) => TableFile
