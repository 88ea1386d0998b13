import type { DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { readDecimal, readFloat, readWhole } from '../sql/readNumber.js'
import type { SqlRow, SqlValue } from '../sql/SqlDatabase.js'

type ReadValue = (value: DuckDBValue) => SqlValue

/** What makes rows of the chunks of an answer, with values as a source's rows have them. */
export function createChunkReader(names: readonly string[], types: readonly DuckDBType[]) {
  const readers = types.map((type) => readerOf(type.toString()))
  return (chunk: DuckDBDataChunk): SqlRow[] => {
    const rows: SqlRow[] = Array.from({ length: chunk.rowCount }, () => ({}))
    for (const [i, name] of names.entries()) {
      const read = readers[i]!
      for (const [at, value] of chunk.getColumnValues(i).entries()) {
        rows[at]![name] = value === null ? null : read(value)
      }
    }
    return rows
  }
}

/** @param type as DuckDB writes it, such as `DECIMAL(10,2)` */
function readerOf(type: string): ReadValue {
  if (type === 'VARCHAR') return (value) => value as string
  if (type === 'BOOLEAN') return (value) => (value ? 'Y' : 'N')
  if (type === 'DATE') return (value) => `${String(value)} 00:00:00`
  // To the second, without fraction and zone.
  if (type.startsWith('TIMESTAMP')) return (value) => String(value).slice(0, 19)
  if (type === 'DOUBLE' || type === 'FLOAT') return (value) => readFloat(String(value))
  if (type.startsWith('DECIMAL')) return (value) => readDecimal(String(value))
  if (type.endsWith('INT') || type === 'INTEGER' || type === 'UINTEGER')
    return (value) => readWhole(String(value))
  return String
}
