/** A value of a row, as `Row` in the ports has it: times are `YYYY-MM-DD HH:MM:SS`, booleans `Y` and `N`. */
export type SqlValue = string | number | null
/** By the names that the query gives its columns. */
export type SqlRow = Record<string, SqlValue>

/** A text with `$1`, `$2` … and what they stand for. */
export interface SqlQuery {
  text: string
  params: (string | number | readonly string[])[]
}

/** Types by column, by table. */
export type TableTypes = ReadonlyMap<string, ReadonlyMap<string, string>>

/** What a source in SQL needs of its database. Its errors are `SOURCE_…`, sentences without names of its driver. */
export interface SqlDatabase {
  /**
   * The rows of a query, some thousand at a time, read from the database as they are asked for. An abort, or whoever
   * stops reading, ends the query in the database too.
   *
   * @param options.isQuick a query that an index answers: it does not wait behind long ones
   * @throws {TraceError} `SOURCE_UNAVAILABLE`, `SOURCE_TIMEOUT`, `SOURCE_MISCONFIGURED`; `signal.reason` on abort
   */
  query: (query: SqlQuery, options: { isQuick?: boolean; signal: AbortSignal }) => AsyncIterable<SqlRow[]>
  /** The types of the tables that there are, each in a form that a value can be cast to. */
  describeTables: (tables: readonly string[]) => Promise<TableTypes>
  /** Why a table is not among those described, and what to do. @param key where the mapping names it */
  sayMissing: (table: string, key: string) => string
  /** `expression` as text of no collation of its own, so that ids of several tables can be compared. */
  asId: (expression: string) => string
  close: () => Promise<void>
}

/** All rows of a query whose answer is small. */
export async function readAll(pages: AsyncIterable<SqlRow[]>): Promise<SqlRow[]> {
  const rows: SqlRow[] = []
  for await (const page of pages) for (const row of page) rows.push(row)
  return rows
}
