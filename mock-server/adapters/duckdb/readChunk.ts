import type { DuckDBDataChunk, DuckDBTimestampValue, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { readDecimal, readWhole } from '../sql/readNumber.js'
import type { SqlRow, SqlValue } from '../sql/SqlDatabase.js'
import { createTimeFormat } from '../synthetic/factoryTime.js'

type ReadValue = (value: DuckDBValue) => SqlValue

/** What makes rows of the chunks of an answer, with values as a source's rows have them. */
export function createChunkReader(names: readonly string[], types: readonly DuckDBType[]) {
  const readers = types.map((type) => readerOf(type.toString()))
  return (chunk: DuckDBDataChunk): SqlRow[] => {
    const columns = readers.map((read, i) => {
      return chunk.getColumnValues(i).map((value) => (value === null ? null : read(value)))
    })
    const rows: SqlRow[] = []
    for (let at = 0; at < chunk.rowCount; at++) {
      const row: SqlRow = {}
      for (let i = 0; i < names.length; i++) row[names[i]!] = columns[i]![at]!
      rows.push(row)
    }
    return rows
  }
}

/** @param type as DuckDB writes it, such as `DECIMAL(10,2)` */
function readerOf(type: string): ReadValue {
  if (type === 'VARCHAR') return (value) => value as string
  if (type === 'BOOLEAN') return (value) => (value ? 'Y' : 'N')
  if (type === 'DATE') return (value) => `${String(value)} 00:00:00`
  if (type === 'TIMESTAMP') return createTimestampReader()
  // To the second, without fraction and zone.
  if (type.startsWith('TIMESTAMP')) return (value) => String(value).slice(0, 19)
  // `NaN` and `Infinity` are text: JSON has no such numbers.
  if (type === 'DOUBLE' || type === 'FLOAT') {
    return (value) => (Number.isFinite(value) ? (value as number) : String(value))
  }
  if (type.startsWith('DECIMAL')) return (value) => readDecimal(String(value))
  if (/INT(EGER)?$/.test(type)) return (value) => readWhole(String(value))
  return String
}

/** Most rows have a time, and DuckDB's own way to write one takes as long as all else of a row. */
function createTimestampReader(): ReadValue {
  const format = createTimeFormat()
  return (value) => {
    const { isFinite, micros } = value as DuckDBTimestampValue
    return isFinite ? format(Math.floor(Number(micros) / 1e6)) : String(value)
  }
}
