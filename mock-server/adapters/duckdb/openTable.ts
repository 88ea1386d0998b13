import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteName, quoteTable, quoteText } from '../sql/quote.js'
import type { ColumnTypes } from './columnTypes.js'
import type { TableFiles } from './findFiles.js'

type Types = NonNullable<ReturnType<ColumnTypes['get']>>

/**
 * Makes a view of a table's files, or a copy in DuckDB's own form. A CSV file says nothing of types, NDJSON little: their
 * columns are read as what they are known to be. Parquet has types, and only ids that are not text become text.
 *
 * @returns the types of its columns, by their names as they are and in lower case
 */
export async function openTable(
  connection: DuckDBConnection,
  table: string,
  { format, paths }: TableFiles,
  known: Types,
  as: 'VIEW' | 'TABLE',
): Promise<Map<string, string>> {
  const files = `[${paths.map(quoteText).join(', ')}]`
  const describe = async (from: string) => {
    const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`)
    return reader.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }))
  }
  const typeOf = ({ name }: { name: string }) => known.get(name) ?? known.get(name.toLowerCase())

  let from: string
  let changed = ''
  if (format === 'parquet') {
    from = `read_parquet(${files})`
    const casts = (await describe(from))
      .filter((column) => typeOf(column) === 'VARCHAR' && column.type !== 'VARCHAR')
      .map(({ name }) => `CAST(${quoteName(name)} AS VARCHAR) AS ${quoteName(name)}`)
    if (casts.length > 0) changed = ` REPLACE (${casts.join(', ')})`
  } else if (format === 'csv') {
    const columns = await describe(`read_csv(${files}, header = true, all_varchar = true)`)
    const types = columns.filter(typeOf).map((column) => `${quoteText(column.name)}: '${typeOf(column)}'`)
    from = `read_csv(${files}, header = true, types = {${types.join(', ')}})`
  } else {
    const columns = await describe(`read_ndjson(${files})`)
    const types = columns.map((column) => `${quoteText(column.name)}: '${typeOf(column) ?? column.type}'`)
    from = `read_ndjson(${files}, columns = {${types.join(', ')}})`
  }

  const [schema, ...rest] = table.split('.')
  if (rest.length > 0) await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema!)}`)
  await connection.run(`CREATE OR REPLACE ${as} ${quoteTable(table)} AS SELECT *${changed} FROM ${from}`)
  const columns = await describe(quoteTable(table))
  return new Map(
    columns.flatMap(({ name, type }) => [[name, type] as const, [name.toLowerCase(), type] as const]),
  )
}
