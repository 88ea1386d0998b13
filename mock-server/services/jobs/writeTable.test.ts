import { DuckDBInstance } from '@duckdb/node-api'
import { parquetReadObjects } from 'hyparquet'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UNSLICED } from '../../../src/async/slices.js'
import type { ColumnDescription } from '../../../src/protocol/index.js'
import { openParquetFile } from '../../adapters/parquet/openParquetFile.js'
import { asTable } from './writeTable.js'

const COLUMNS: ColumnDescription[] = [
  { name: 'CONTAINERID', kind: 'id' },
  { name: 'STEP', kind: 'text' },
  { name: 'QTY', kind: 'quantity', unit: 'pcs' },
  { name: 'RATE', kind: 'rate' },
  { name: 'AT', kind: 'time' },
]

const utf8 = new TextEncoder()

/** A file of rows that come in these chunks. */
async function write(chunks: object[][], columns = COLUMNS): Promise<Uint8Array<ArrayBuffer>> {
  async function* openRows() {
    for (const rows of chunks) yield { array: utf8.encode(JSON.stringify(rows)), count: rows.length }
  }
  const parts: Uint8Array[] = []
  const file = asTable({ openRows, columns, openFile: openParquetFile, slices: UNSLICED })
  for await (const part of file) parts.push(part as Uint8Array)
  return Uint8Array.from(Buffer.concat(parts))
}

async function read(bytes: Uint8Array<ArrayBuffer>): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: bytes.buffer })
}

/** What DuckDB sees: the type of each column, and the rows as text. */
async function readWithDuckDb(bytes: Uint8Array) {
  const dir = mkdtempSync(join(tmpdir(), 'trace-parquet-'))
  const path = join(dir, 'rows.parquet')
  writeFileSync(path, bytes)
  const connection = await (await DuckDBInstance.create()).connect()
  try {
    const types = await connection.runAndReadAll(`DESCRIBE SELECT * FROM '${path}'`)
    const rows = await connection.runAndReadAll(`SELECT COLUMNS(*)::VARCHAR FROM '${path}'`)
    return {
      types: Object.fromEntries(types.getRows().map(([name, type]) => [name, type])),
      rows: rows.getRows(),
    }
  } finally {
    connection.closeSync()
    rmSync(dir, { recursive: true })
  }
}

describe('a table file', () => {
  it('has the types that the source describes, as DuckDB and hyparquet read them', async () => {
    const bytes = await write([
      [{ CONTAINERID: 'C1', STEP: '焊接', QTY: 3, RATE: 0.25, AT: '2026-02-28 08:30:00' }],
      [
        { CONTAINERID: 'C2', STEP: null, QTY: null, RATE: null, AT: null },
        { CONTAINERID: 'C3', STEP: '', QTY: -1.5, RATE: 1, AT: '2026-02-28 08:30:00.25' },
      ],
    ])
    expect(await readWithDuckDb(bytes)).toEqual({
      types: { CONTAINERID: 'VARCHAR', STEP: 'VARCHAR', QTY: 'DOUBLE', RATE: 'DOUBLE', AT: 'TIMESTAMP' },
      rows: [
        ['C1', '焊接', '3.0', '0.25', '2026-02-28 08:30:00'],
        ['C2', null, null, null, null],
        ['C3', '', '-1.5', '1.0', '2026-02-28 08:30:00.25'],
      ],
    })
    const [first, second] = await read(bytes)
    expect(first).toMatchObject({ STEP: '焊接', QTY: 3, AT: new Date('2026-02-28T08:30:00Z') })
    expect(second).toMatchObject({ CONTAINERID: 'C2', QTY: null, AT: null })
  })

  it.each<[string, string, unknown]>([
    ['a whole number beyond 2^53', 'QTY', '9007199254740993'],
    ['a text among quantities', 'QTY', 'about 5'],
    ['a day that is none', 'AT', '2026-02-30 08:00:00'],
    ['a time that is a number', 'AT', 20260228],
  ])('loses nothing to a type: with %s a column is text', async (_, name, value) => {
    const usual = name === 'QTY' ? 5 : '2026-02-28 08:00:00'
    const bytes = await write([[{ [name]: usual }], [{ [name]: value }]])
    expect((await read(bytes)).map((row) => row[name])).toEqual([String(usual), String(value)])
  })

  it('takes a day for its beginning', async () => {
    const { rows } = await readWithDuckDb(await write([[{ AT: '2026-02-28' }]]))
    expect(rows[0]!.at(-1)).toBe('2026-02-28 00:00:00')
  })

  it('has columns that nobody described, by their values, and from the first row on', async () => {
    const rows = [[{ A: 1 }], [{ A: 2, B: null, C: 'c', __proto__x: true }], [{ B: 4, D: { e: 1 } }]]
    const { types } = await readWithDuckDb(await write(rows, []))
    expect(types).toEqual({ A: 'DOUBLE', B: 'DOUBLE', C: 'VARCHAR', __proto__x: 'VARCHAR', D: 'VARCHAR' })
    expect(await read(await write(rows, []))).toMatchObject([
      { A: 1, C: null },
      { A: 2, C: 'c', __proto__x: 'true' },
      { B: 4, D: '{"e":1}' },
    ])
  })

  it('has its columns without rows too', async () => {
    const { types, rows } = await readWithDuckDb(await write([]))
    expect(Object.keys(types)).toEqual(COLUMNS.map(({ name }) => name))
    expect(rows).toEqual([])
    expect(await read(await write([], []))).toEqual([])
  })
})
