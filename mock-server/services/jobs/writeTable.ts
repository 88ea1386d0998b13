import type { Slices } from '../../../src/async/slices.js'
import type { ColumnDescription, ColumnKind } from '../../../src/protocol/index.js'
import type { OpenTableFile, Row, TableCell, TableColumn } from '../../ports/index.js'
import { parseRows } from '../log/logLines.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import type { OpenRows } from './StoredRows.js'

type CellType = TableColumn['type']

const TYPES: Record<ColumnKind, CellType> = {
  id: 'text',
  text: 'text',
  quantity: 'number',
  rate: 'number',
  time: 'time',
}

/** `2026-02-01 08:30:00`, with a fraction of a second or without; the day alone is its beginning. */
const TIME =
  /^([1-9]\d{3})-(0[1-9]|1[0-2])-(\d\d)(?:[ T]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?)?$/

export interface TableOptions {
  openRows: OpenRows
  /** As the source describes them. */
  columns: readonly ColumnDescription[]
  openFile: OpenTableFile
  slices: Slices
}

/**
 * A file with typed columns. The types are those that the source describes, and must hold for every value: a column with
 * one that does not fit is text, so that nothing is lost. So the rows are read twice: for the types, then for the file.
 */
export async function* asTable({ openRows, columns, openFile, slices }: TableOptions): BodyChunks {
  const types = new Map<string, CellType | null>(columns.map(({ name, kind }) => [name, TYPES[kind]]))
  for await (const { array, count } of openRows()) {
    const rows = parseRows(array, count)
    await slices.breathe()
    narrow(types, rows)
    await slices.breathe()
  }
  const chosen = [...types].map(([name, type]): TableColumn => ({ name, type: type ?? 'text' }))
  if (chosen.length === 0) chosen.push({ name: 'CONTAINERID', type: 'text' })
  const file = openFile(chosen)
  for await (const { array, count } of openRows()) {
    const rows = parseRows(array, count)
    await slices.breathe()
    yield file.write(chosen.map(({ name, type }) => rows.map((row) => toCell(row, name, type))))
  }
  yield file.finish()
}

/** Adds columns that rows have and nobody described, by their first value, and makes those text that do not hold. */
function narrow(types: Map<string, CellType | null>, rows: readonly Row[]) {
  for (const row of rows) {
    for (const name in row) {
      const type = types.get(name)
      if (type === 'text') continue
      const value: unknown = row[name]
      if (value === null) {
        if (type === undefined) types.set(name, null)
      } else if (type === undefined || type === null)
        types.set(name, typeof value === 'number' ? 'number' : 'text')
      else if (type === 'number' ? typeof value !== 'number' : toMicroseconds(value) === null)
        types.set(name, 'text')
    }
  }
}

function toCell(row: Row, name: string, type: CellType): TableCell {
  // A column `__proto__` or `constructor` is data, or is not there.
  const value: unknown = Object.hasOwn(row, name) ? row[name] : null
  if (value === null) return null
  if (type === 'number') return value as number
  if (type === 'time') return toMicroseconds(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** `null` for what is no time. */
function toMicroseconds(value: unknown): bigint | null {
  const parts = typeof value === 'string' ? TIME.exec(value) : null
  if (!parts) return null
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = ''] = parts
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  // The 30th of February would be the 2nd of March.
  if (new Date(midnight).getUTCDate() !== Number(day)) return null
  const seconds = midnight / 1_000 + Number(hour) * 3_600 + Number(minute) * 60 + Number(second)
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
}
