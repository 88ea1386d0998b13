import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DetectionQuery, Row, SeedPage, SeedQuery, TraceSource } from '../../ports/index.js'
import type { SourceDescriptionInput } from '../../../src/protocol/index.js'
import {
  describeWithPostgres,
  startTestPostgres,
  type TestPostgres,
} from '../../testing/startTestPostgres.js'
import { createIndexes, createTable, describeSchema } from '../sql/schema.js'
import { createPostgresSource, type PostgresSourceOptions } from './createPostgresSource.js'
import * as v from 'valibot'
import { SourceDescription } from '../../../src/protocol/index.js'

/** A factory of six lots: 甲 was split into B and C, those merged into D; X and Y were made of each other. */
const description: SourceDescriptionInput = {
  profiles: [
    {
      name: 'where_from',
      stages: ['seeds', 'lineage', 'events'],
      direction: 'asked',
      seeds: {
        types: [{ value: 'lot_id' }, { value: 'work_order' }],
        dates: true,
        stations: [{ value: '測試' }],
      },
      figures: true,
      domains: ['passes'],
    },
    {
      name: 'stops',
      stages: ['events'],
      params: [
        { name: 'from', kind: 'date' },
        { name: 'to', kind: 'date' },
        { name: 'line', kind: 'text', many: true },
        { name: 'hours', kind: 'number' },
      ],
      domains: ['stops'],
    },
  ],
  domains: [
    {
      name: 'passes',
      columns: [
        { name: 'SPECNAME', kind: 'text' },
        { name: 'IN_AT', kind: 'time' },
        { name: 'QTY', kind: 'quantity' },
        { name: 'CONTAINERID', kind: 'id' },
      ],
    },
    {
      name: 'stops',
      columns: [
        { name: 'STARTED', kind: 'time' },
        { name: 'LINE', kind: 'text' },
        { name: 'HOURS', kind: 'quantity' },
      ],
    },
  ],
}

const schema = describeSchema(v.parse(SourceDescription, description))

const ROWS = [
  `INSERT INTO lots VALUES
    ('a', '甲', 'L-a', NULL, '甲', 'WAFER', 'P1', false), ('b', 'B', 'L-b', 'W1', '甲', 'LOT', 'P1', false),
    ('c', 'C', 'L-c', 'W1', '甲', 'LOT', 'P1', true), ('d', 'D', 'L-d', 'W2', '甲', 'LOT', NULL, NULL),
    ('x', 'X', 'L-x', NULL, NULL, NULL, NULL, NULL), ('y', 'Y', 'L-y', NULL, NULL, NULL, NULL, NULL)`,
  `INSERT INTO lot_values VALUES ('lot_id', 'B', 'b'), ('lot_id', 'C', 'c'), ('lot_id', 'D', 'd'), ('lot_id', 'd', 'd'),
    ('work_order', 'W1', 'b'), ('work_order', 'W1', 'c'), ('work_order', 'W2', 'd'),
    ('serial_number', 'S-2', 'd'), ('serial_number', 'S-10', 'd')`,
  `INSERT INTO lineage VALUES ('a', 'b', 'split_from'), ('a', 'c', 'split_from'), ('b', 'd', 'merge_source'),
    ('c', 'd', 'merge_source'), ('x', 'y', 'split_from'), ('y', 'x', 'split_from')`,
  `INSERT INTO detections VALUES ('b', '測試', '2026-03-01', 100), ('c', '測試', '2026-03-02', 200),
    ('d', '測試', '2026-03-02', 300), ('d', '品檢', '2026-03-03', 10)`,
  `INSERT INTO detection_defects VALUES ('c', '測試', '毛邊', 3, 1), ('c', '測試', '裂', 2, 0), ('d', '品檢', '裂', 1, 0)`,
  `INSERT INTO passes VALUES ('焊接', '2026-03-01 08:15:00.25', 1.5, 'b', 1), ('切割', '2026-03-01 08:00:00', NULL, 'b', 0),
    (E'a "b"\\nc', NULL, 12.345, 'a', 0), ('烘烤', '2026-03-02 00:00:00', 3, 'd', 0)`,
  `INSERT INTO stops VALUES ('2026-03-01 00:00:00', 'A', 1, 1), ('2026-03-01 23:59:59', 'B', 2, 2),
    ('2026-03-02 00:00:00', 'A', 3, 3), ('2026-03-03 12:00:00', 'C', 3, 4)`,
]

const { signal } = new AbortController()
const MEASURED: SeedQuery = {
  profile: 'where_from',
  by: 'date_range',
  station: '測試',
  start: '2026-03-01',
  end: '2026-03-02',
}

async function seedsOf(source: TraceSource, query: SeedQuery): Promise<SeedPage> {
  return source.resolveSeeds(query, { after: null, signal })
}

function byValues(resolveType: string, ...values: string[]): SeedQuery {
  return { profile: 'where_from', by: 'values', resolveType, values }
}

async function allOf<T>(parts: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const part of parts) all.push(...part)
  return all
}

function rowsOf(source: TraceSource, ids: string[]): Promise<Row[]> {
  return allOf(source.events('passes', ids, { signal }))
}

describeWithPostgres('a factory in PostgreSQL', () => {
  let postgres: TestPostgres
  const sources: TraceSource[] = []

  function open(options: Partial<PostgresSourceOptions> = {}): TraceSource {
    const source = createPostgresSource({ connection: postgres.url, description, ...options })
    sources.push(source)
    return source
  }

  let source: TraceSource

  beforeAll(async () => {
    postgres = await startTestPostgres()
    await postgres.run(...schema.flatMap(createTable), ...ROWS, ...schema.flatMap(createIndexes))
    source = open()
  })
  afterAll(async () => {
    for (const each of sources) await each.close!()
    await postgres?.remove()
  })

  it('finds seeds by value, each once, where the first of its values stands', async () => {
    const page = await seedsOf(source, byValues('lot_id', 'd', 'NONE', 'C', 'D', 'C'))
    expect(page.seeds.map((seed) => [seed.container_id, seed.inputValue])).toEqual([
      ['d', 'd'],
      ['c', 'C'],
    ])
    expect(page.seeds[1]).toEqual({ container_id: 'c', container_name: 'C', lot_id: 'L-c', inputValue: 'C' })
    expect(new Set(page.matched)).toEqual(new Set(['d', 'D', 'C']))
    expect(page.next).toBeNull()
  })

  it('finds seeds by the days they were measured, both inclusive', async () => {
    expect((await seedsOf(source, MEASURED)).seeds.map((seed) => seed.container_id)).toEqual(['b', 'c', 'd'])
    const second = { ...MEASURED, start: '2026-03-02' } as SeedQuery
    expect((await seedsOf(source, second)).seeds.map((seed) => seed.container_name)).toEqual(['C', 'D'])
  })

  it('traces lots back to what they were made of', async () => {
    const lineage = await source.lineage(['d', 'a', 'NONE'], 'backward', { details: true, signal })
    expect(lineage).toEqual({
      direction: 'backward',
      ancestors: new Map([
        ['d', ['a', 'b', 'c']],
        ['a', []],
        ['NONE', []],
      ]),
      parentMap: new Map([
        ['b', ['a']],
        ['c', ['a']],
        ['d', ['b', 'c']],
      ]),
      mergeEdges: new Map([['d', ['b', 'c']]]),
      seedRoots: new Map([
        ['d', '甲'],
        ['a', '甲'],
      ]),
      names: new Map([
        ['a', '甲'],
        ['b', 'B'],
        ['c', 'C'],
        ['d', 'D'],
      ]),
      nodes: expect.arrayContaining([
        { container_id: 'd', container_name: 'D', mfgorder_name: 'W2', wafer_lot: '甲', node_type: 'LOT' },
      ]),
      edges: [
        { from_cid: 'a', to_cid: 'b', edge_type: 'split_from' },
        { from_cid: 'a', to_cid: 'c', edge_type: 'split_from' },
        { from_cid: 'b', to_cid: 'd', edge_type: 'merge_source' },
        { from_cid: 'c', to_cid: 'd', edge_type: 'merge_source' },
      ],
    })
  })

  it('traces lots on to what was made of them, with the serial numbers of the last', async () => {
    const lineage = await source.lineage(['b'], 'forward', { details: false, signal })
    expect(lineage).toMatchObject({
      roots: ['a'],
      childrenMap: new Map([
        ['a', ['b', 'c']],
        ['b', ['d']],
      ]),
      leafSerials: new Map([['d', ['S-10', 'S-2']]]),
      nodes: [],
    })
  })

  it.each(['backward', 'forward'] as const)('ends a circle of lots, %s', async (direction) => {
    const lineage = await source.lineage(['x'], direction, { details: true, signal })
    expect(lineage.nodes.map((node) => [node.container_id, node.node_type])).toEqual([
      ['x', 'UNKNOWN'],
      ['y', 'UNKNOWN'],
    ])
    if (lineage.direction === 'backward') expect(lineage.ancestors).toEqual(new Map([['x', ['y']]]))
  })

  it('gives the rows of lots in the order asked, and those of a lot in their own', async () => {
    expect(await rowsOf(source, ['d', 'NONE', 'b', 'a'])).toEqual([
      { SPECNAME: '烘烤', IN_AT: '2026-03-02 00:00:00', QTY: 3, CONTAINERID: 'd' },
      { SPECNAME: '切割', IN_AT: '2026-03-01 08:00:00', QTY: null, CONTAINERID: 'b' },
      { SPECNAME: '焊接', IN_AT: '2026-03-01 08:15:00', QTY: 1.5, CONTAINERID: 'b' },
      { SPECNAME: 'a "b"\nc', IN_AT: null, QTY: 12.345, CONTAINERID: 'a' },
    ])
  })

  it('reads rows a page at a time', async () => {
    const sizes: number[] = []
    for await (const page of open({ fetchSize: 2 }).events('passes', ['b', 'a', 'd'], { signal })) {
      sizes.push(page.length)
    }
    expect(sizes).toEqual([2, 2])
  })

  it('tells what was measured, with the defects in their order', async () => {
    const query = {
      ...MEASURED,
      mode: 'date_range',
      direction: 'backward',
      lossReasons: null,
    } as DetectionQuery
    expect(await allOf(source.detections(query, ['d', 'c', 'b', 'a'], { signal }))).toEqual([
      {
        containerId: 'd',
        lotId: 'L-d',
        product: null,
        isRework: false,
        date: '2026-03-02',
        inputQty: 300,
        defects: [],
      },
      {
        ...{
          containerId: 'c',
          lotId: 'L-c',
          product: 'P1',
          isRework: true,
          date: '2026-03-02',
          inputQty: 200,
        },
        defects: [
          { reason: '裂', qty: 2 },
          { reason: '毛邊', qty: 3 },
        ],
      },
      {
        containerId: 'b',
        lotId: 'L-b',
        product: 'P1',
        isRework: false,
        date: '2026-03-01',
        inputQty: 100,
        defects: [],
      },
    ])
    expect(
      await allOf(source.detections({ ...query, start: null, end: '2026-03-01' }, ['b', 'c'], { signal })),
    ).toHaveLength(1)
  })

  it.each([
    [{}, [1, 2, 3, 4]],
    [{ from: '2026-03-01', to: '2026-03-01' }, [1, 2]],
    [{ from: '2026-03-02' }, [3, 4]],
    [{ line: ['A', 'C'] }, [1, 3, 4]],
    [{ hours: 3, line: ['C'] }, [4]],
  ])('filters rows without lots by %j', async (params, expected) => {
    const query = { profile: 'stops', domain: 'stops', params }
    const found: Row[] = []
    for (let after: string | null = null; ;) {
      let next: string | null = null
      for await (const page of open({ fetchSize: 1 }).rows(query, { after, signal })) {
        found.push(...page.rows)
        // Asked anew after every page, as after a restart.
        next = page.next
        break
      }
      if (next === null) break
      after = next
    }
    const all = await postgres.rows('SELECT line, hours FROM stops ORDER BY row_no')
    expect(found.map(({ LINE, HOURS }) => ({ line: LINE, hours: HOURS }))).toEqual(
      expected.map((no) => all[no - 1]),
    )
  })

  it('refuses an order with nulls, behind which rows would be passed over', async () => {
    await postgres.run(
      'CREATE TABLE halts (no int, started timestamp, line text, hours numeric)',
      `INSERT INTO halts VALUES (1, '2026-03-01', 'A', 1), (NULL, '2026-03-01', 'B', 2), (NULL, '2026-03-02', 'C', 3)`,
    )
    const halts = open({ tables: { lists: { stops: { table: 'halts', order: ['no'] } } }, fetchSize: 1 })
    const query = { profile: 'stops', domain: 'stops', params: {} }
    const read = async (after: string | null) => {
      for await (const { rows } of halts.rows(query, { after, signal })) expect(rows.length).toBe(1)
    }
    // From the beginning, and as an attempt that takes over.
    for (const after of [null, '["1"]']) {
      await expect(read(after)).rejects.toMatchObject({
        code: 'SOURCE_MISCONFIGURED',
        message:
          'The column no of halts has nulls and cannot order its rows; name others in tables.lists.stops.order.',
      })
    }
  })

  it('reads a factory that calls everything otherwise, without views', async () => {
    await postgres.run(
      'CREATE SCHEMA mes',
      'CREATE TABLE mes."Container" (containerid char(16) PRIMARY KEY, containername varchar(30), "order" varchar(30))',
      'CREATE TABLE mes.genealogy (mother char(16), daughter char(16))',
      'CREATE TABLE mes.wip (lot char(16), seq numeric, txn text, operation varchar(40), qty bigint, at timestamptz)',
      `INSERT INTO mes."Container" VALUES ('m1', 'M1', 'W9'), ('m2', 'M2', 'W9')`,
      `INSERT INTO mes.genealogy VALUES ('m1', 'm2')`,
      `INSERT INTO mes.wip VALUES ('m2', 1, 'b', '烘烤', 9007199254740993, '2026-03-01 00:00:00+00'),
        ('m2', 1, 'B', '切割', 7, '2026-03-01 00:00:00+00')`,
    )
    const container = { table: 'mes.Container', id: 'containerid' }
    const mes = open({
      tables: {
        lots: {
          ...container,
          ...{ name: 'containername', lotId: 'containername', mfgOrder: 'order' },
          ...{ waferLot: null, nodeType: null, product: null, isRework: null },
        },
        resolve: {
          lot_id: { ...container, value: 'containername' },
          work_order: { ...container, value: 'order', where: { containername: 'M2' } },
        },
        lineage: { table: 'mes.genealogy', parent: 'mother', child: 'daughter', edgeType: null },
        serials: null,
        domains: {
          passes: {
            table: 'mes.wip',
            id: 'lot',
            order: ['seq', 'txn'],
            columns: { SPECNAME: 'operation', IN_AT: 'at' },
          },
        },
      },
    })

    const { seeds } = await seedsOf(mes, byValues('work_order', 'W9'))
    expect(seeds).toEqual([{ container_id: 'm2', container_name: 'M2', lot_id: 'M2', inputValue: 'W9' }])
    const lineage = await mes.lineage(['m2'], 'backward', { details: true, signal })
    expect(lineage).toMatchObject({
      ancestors: new Map([['m2', ['m1']]]),
      seedRoots: new Map([['m2', 'M1']]),
    })
    const [day] = await postgres.rows(
      "SELECT to_char(timestamptz '2026-03-01 00:00:00+00', 'YYYY-MM-DD HH24:MI:SS') AS at",
    )
    // By bytes, B stands before b; as English has it, b before B.
    expect(await rowsOf(mes, ['m2'])).toEqual([
      { SPECNAME: '切割', IN_AT: day!.at, QTY: 7, CONTAINERID: 'm2' },
      { SPECNAME: '烘烤', IN_AT: day!.at, QTY: '9007199254740993', CONTAINERID: 'm2' },
    ])
  })

  it('says which table or column is missing, and finds it once it is there', async () => {
    const lost = open({ tables: { domains: { passes: { table: 'visits', columns: { QTY: 'quantity' } } } } })
    await expect(rowsOf(lost, ['b'])).rejects.toMatchObject({
      code: 'SOURCE_MISCONFIGURED',
      message: 'The database has no table visits; create it, or map tables.domains.passes to another.',
    })
    await postgres.run('CREATE TABLE visits (container_id text, row_no int, in_at date, specname text)')
    await expect(rowsOf(lost, ['b'])).rejects.toMatchObject({
      code: 'SOURCE_MISCONFIGURED',
      message:
        'The table visits has no column quantity; add what is missing, or map it in tables.domains.passes.',
    })
    await postgres.run('ALTER TABLE visits ADD quantity smallint')
    await postgres.run(`INSERT INTO visits VALUES ('b', 0, '2026-03-01', '目檢', 5)`)
    expect(await rowsOf(lost, ['b'])).toEqual([
      { SPECNAME: '目檢', IN_AT: '2026-03-01 00:00:00', QTY: 5, CONTAINERID: 'b' },
    ])
  })

  it('says of ids that are numbers that they are', async () => {
    await postgres.run(
      'CREATE TABLE counted (id bigint, row_no int, in_at timestamp, specname text, qty int)',
    )
    const counted = open({ tables: { domains: { passes: { table: 'counted', id: 'id' } } } })
    await expect(rowsOf(counted, ['b'])).rejects.toThrow(
      'Column id of counted is bigint, and ids are text; map tables.domains.passes to a view that casts it.',
    )
  })

  it('refuses tokens that no page gave', async () => {
    for (const after of ['', '7', '["a"]', '["5",""]', '["x",""]', '{}']) {
      const query = byValues('lot_id', 'B')
      await expect(source.resolveSeeds(query, { after, signal })).rejects.toThrow('No page')
    }
  })

  it('asks the database nothing where nothing is asked for', async () => {
    const away = open({ connection: 'postgres://127.0.0.1:1/nowhere' })
    expect(await rowsOf(away, [])).toEqual([])
  })
})
