import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SourceDescriptionInput } from '../../../src/protocol/index.js'
import type { Row, SeedQuery, TraceSource } from '../../ports/index.js'
import { describeTraceSource } from '../contracts/traceSource.contract.js'
import type { TablesInput } from '../sql/FactoryTables.js'
import { createDuckDbSource } from './createDuckDbSource.js'

/** A factory of five lots: 007 was split into 008 and 009, and X and Y were made of each other. */
const description: SourceDescriptionInput = {
  profiles: [
    {
      name: 'where_from',
      stages: ['seeds', 'lineage', 'events'],
      seeds: { types: [{ value: 'lot_id' }] },
      domains: ['passes'],
    },
  ],
  domains: [
    {
      name: 'passes',
      columns: [
        { name: 'CONTAINERID', kind: 'id' },
        { name: 'STATION', kind: 'text' },
        { name: 'BATCH', kind: 'id' },
        { name: 'IN_AT', kind: 'time' },
        { name: 'QTY', kind: 'quantity' },
      ],
    },
  ],
}

const LOTS = `container_id,container_name,lot_id,mfgorder_name,wafer_lot,node_type,product,is_rework
007,Seven,007,,,WAFER,SS14,N
008,Eight,008,,,LOT,SS14,N
009,Nine,009,,,LOT,SS14,N
X,X,X,,,LOT,SS14,N
Y,Y,Y,,,LOT,SS14,N
`
const VALUES = `resolve_type,value,container_id
lot_id,0008,008
lot_id,0009,009
`
const LINEAGE = `parent_id,child_id,edge_type
007,008,split_from
007,009,split_from
X,Y,split_from
Y,X,split_from
`
const PASSES = `container_id,station,batch,in_at,qty,row_no
007,測試,9007199254740993,2026-03-01 08:15:00,12.5,0
008,"切割, ""A""",1,2026-03-02 08:15:00,,1
008,測試,00012,2026-03-01 08:15:00,3,0
`
const FACTORY = { 'lots.csv': LOTS, 'lot_values.csv': VALUES, 'lineage.csv': LINEAGE, 'passes.csv': PASSES }

describe('a small factory', () => {
  const small = mkdtempSync(join(tmpdir(), 'trace-duckdb-'))
  afterAll(() => rmSync(small, { recursive: true }))

  describeTraceSource(
    'DuckDB, of CSV files',
    () => {
      for (const [name, text] of Object.entries(FACTORY)) writeFileSync(join(small, name), text)
      return createDuckDbSource({ folder: small, description })
    },
    {
      values: { lot_id: ['0008', '0009'] },
      ids: ['007', '008', '009'],
      inCycle: 'X',
      cells: [
        { domain: 'passes', id: '007', column: 'BATCH', value: '9007199254740993' },
        { domain: 'passes', id: '008', column: 'STATION', value: '切割, "A"' },
        { domain: 'passes', id: '008', column: 'QTY', value: null },
      ],
    },
  )
})

const { signal } = new AbortController()
let folder: string
let source: Required<TraceSource> | null
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trace-duckdb-it's [a] "))
  source = null
})
afterEach(async () => {
  await source?.close()
  rmSync(folder, { recursive: true })
})

function open(files: Record<string, string>, tables?: TablesInput) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return (source = createDuckDbSource({ folder, description, tables }))
}

async function rowsOf(from: TraceSource, ids: string[], given = signal): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of from.events('passes', ids, { signal: given })) rows.push(...batch)
  return rows
}

const ROWS = [
  { CONTAINERID: '008', STATION: '測試', BATCH: '00012', IN_AT: '2026-03-01 08:15:00', QTY: 3 },
  { CONTAINERID: '008', STATION: '切割, "A"', BATCH: '1', IN_AT: '2026-03-02 08:15:00', QTY: null },
  { CONTAINERID: '007', STATION: '測試', BATCH: '9007199254740993', IN_AT: '2026-03-01 08:15:00', QTY: 12.5 },
]

describe('a factory in CSV files', () => {
  it('has ids as text, however they look, and everything else as it is described', async () => {
    expect(await rowsOf(open(FACTORY), ['008', '7', '007', 'none'])).toEqual(ROWS)
  })

  it('finds lots by values that look like numbers', async () => {
    const query: SeedQuery = {
      profile: 'where_from',
      by: 'values',
      resolveType: 'lot_id',
      values: ['8', '0008'],
    } as const
    const { seeds } = await open(FACTORY).resolveSeeds(query, { after: null, signal })
    expect(seeds).toEqual([
      { container_id: '008', container_name: 'Eight', lot_id: '008', inputValue: '0008' },
    ])
  })

  it('ends at lots that were made of each other', async () => {
    const lineage = await open(FACTORY).lineage(['X', '009'], 'backward', { details: false, signal })
    expect(lineage).toMatchObject({
      ancestors: new Map([
        ['X', ['Y']],
        ['009', ['007']],
      ]),
    })
  })
})

describe('a factory in other files', () => {
  it('is read from NDJSON, in one file or several in a folder', async () => {
    const lines = ROWS.map(({ CONTAINERID, ...row }, i) => {
      const own = Object.entries({ ...row, CONTAINER_ID: CONTAINERID, ROW_NO: i })
      return JSON.stringify(Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value])))
    })
    const { 'passes.csv': _, ...rest } = FACTORY
    const files = { 'passes/a.ndjson': `${lines[0]}\n${lines[1]}\n`, 'passes/b.jsonl': `${lines[2]}\n` }
    expect(await rowsOf(open({ ...rest, ...files }), ['008', '007'])).toEqual(ROWS)
  })

  it('is read by the names that the factory has for tables and columns', async () => {
    const { 'passes.csv': passes, ...rest } = FACTORY
    const files = { 'mes/WIP_HISTORY.csv': passes.replace('station', 'Work Center') }
    const tables = { domains: { passes: { table: 'mes.WIP_HISTORY', columns: { STATION: 'Work Center' } } } }
    expect(await rowsOf(open({ ...rest, ...files }, tables), ['008', '007'])).toEqual(ROWS)
  })
})

describe('what is missing', () => {
  it('is a folder', () => {
    expect(() => createDuckDbSource({ folder: join(folder, 'none'), description })).toThrow(
      'There is no folder',
    )
  })

  it('is the file of a domain, and is seen once it is there', async () => {
    const { 'passes.csv': passes, ...rest } = FACTORY
    const some = open(rest)
    await expect(rowsOf(some, ['008'])).rejects.toMatchObject({
      code: 'SOURCE_MISCONFIGURED',
      message: expect.stringContaining('has no passes.parquet, passes.csv or passes.ndjson'),
    })
    writeFileSync(join(folder, 'passes.csv'), passes)
    expect(await rowsOf(some, ['008'])).toHaveLength(2)
  })

  it('is a column', async () => {
    const files = { ...FACTORY, 'passes.csv': PASSES.replace('batch', 'lot') }
    await expect(rowsOf(open(files), ['008'])).rejects.toMatchObject({
      code: 'SOURCE_MISCONFIGURED',
      message: expect.stringContaining('The table passes has no column batch'),
    })
  })

  it('is one format, and other tables are read all the same', async () => {
    const some = open({ ...FACTORY, 'passes.ndjson': '{}' })
    await expect(rowsOf(some, ['008'])).rejects.toThrow(
      /There are both .*passes.csv and .*passes.ndjson; keep those of one format/,
    )
    const lineage = await some.lineage(['009'], 'backward', { details: false, signal })
    expect(lineage).toMatchObject({ ancestors: new Map([['009', ['007']]]) })
  })

  it('is sense in a value', async () => {
    const files = { ...FACTORY, 'passes.csv': PASSES.replace('12.5', 'many') }
    await expect(rowsOf(open(files), ['007'])).rejects.toMatchObject({ code: 'SOURCE_MISCONFIGURED' })
  })
})

describe('an abort', () => {
  it('ends a query while DuckDB works on it, and others go on', async () => {
    const lines = Array.from({ length: 200_000 }, (_, i) => `L${i},測試,B,2026-03-01 08:15:00,1,0`).join('\n')
    const some = open({ ...FACTORY, 'passes.csv': `${PASSES}${lines}\n` })
    const controller = new AbortController()
    const ended = rowsOf(
      some,
      Array.from({ length: 100_000 }, (_, i) => `L${i}`),
      controller.signal,
    )
    const other = rowsOf(some, ['008'])
    setTimeout(() => controller.abort(new Error('enough')), 5)
    await expect(ended).rejects.toThrow('enough')
    expect(await other).toEqual(ROWS.slice(0, 2))
  })
})
