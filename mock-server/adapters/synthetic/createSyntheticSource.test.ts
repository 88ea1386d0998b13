import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { DOMAINS, PROFILES, RESOLVE_TYPES, type Domain } from '../../../src/protocol/index.js'
import type { DefectParams, Detection, Row, SeedPage, SeedQuery, TraceSource } from '../../ports/index.js'
import { factoryFacts } from '../../testing/factoryFacts.js'
import { describeTraceSource } from '../contracts/traceSource.contract.js'
import { createSyntheticSource } from './createSyntheticSource.js'
import { exampleValues } from './exampleValues.js'

const { signal } = new AbortController()
const source = createSyntheticSource()

const COLUMNS: Record<Domain, string> = {
  history:
    'CONTAINERID WORKCENTERNAME EQUIPMENTID EQUIPMENTNAME SPECNAME TRACKINTIMESTAMP TRACKOUTTIMESTAMP TRACKINQTY TRACKOUTQTY FINISHEDRUNCARD PJ_WORKORDER CONTAINERNAME PJ_TYPE PJ_BOP WAFER_LOT_ID',
  materials:
    'CONTAINERID CONTAINERNAME MATERIALPARTNAME MATERIALLOTNAME QTYCONSUMED WORKCENTERNAME SPECNAME EQUIPMENTNAME TXNDATE',
  rejects:
    'CONTAINERID CONTAINERNAME WORKCENTERNAME WORKCENTER_GROUP WORKCENTERSEQUENCE_GROUP PRODUCTLINENAME PJ_FUNCTION PJ_TYPE PRODUCTNAME SPECNAME LOSSREASONNAME EQUIPMENTNAME REJECTCOMMENT REJECT_QTY STANDBY_QTY QTYTOPROCESS_QTY INPROCESS_QTY PROCESSED_QTY REJECT_TOTAL_QTY DEFECT_QTY TXN_TIME TXNDATE TXN_DAY',
  holds:
    'CONTAINERID CONTAINERNAME WORKCENTERNAME HOLDTXNDATE HOLDEMP HOLDEMPDEPTNAME HOLDREASONNAME HOLDCOMMENTS RELEASETXNDATE RELEASEEMP RELEASECOMMENTS NCRID HOLD_STATUS HOLD_HOURS',
  jobs: 'JOBID RESOURCEID RESOURCENAME JOBSTATUS JOBMODELNAME JOBORDERNAME CREATEDATE COMPLETEDATE CAUSECODENAME REPAIRCODENAME SYMPTOMCODENAME CONTAINERIDS CONTAINERNAMES CONTAINERID',
  upstream_history:
    'CONTAINERID WORKCENTERNAME WORKCENTER_GROUP EQUIPMENTID EQUIPMENTNAME SPECNAME TRACKINTIMESTAMP TRACKINQTY',
  downstream_rejects:
    'CONTAINERID WORKCENTERNAME WORKCENTER_GROUP LOSSREASONNAME EQUIPMENTNAME REJECT_TOTAL_QTY TXNDATE',
}
/** A part of the plant that the exam can ask all about. */
const families = { first: 15_000, last: 15_030 }
describeTraceSource('synthetic', () => createSyntheticSource({ families }), factoryFacts(families))

/** Columns that hold a time, and those that may be empty. */
const TIMES = /(DATE|TIMESTAMP|TXN_TIME|TXN_DAY)$/
const OPEN =
  /^(TRACKOUT|RELEASE|COMPLETEDATE|CAUSECODE|REPAIRCODE|HOLDCOMMENTS|HOLD_HOURS|NCRID|REJECTCOMMENT|FINISHED|PJ_WORKORDER)/

function atStation(start: string, end = start, station = '測試'): SeedQuery {
  return { profile: 'mid_section_defect', by: 'date_range', start, end, station }
}

async function seedPages(query: SeedQuery, from: TraceSource = source): Promise<SeedPage[]> {
  const pages: SeedPage[] = []
  for (let after: string | null = null; ;) {
    const page = await from.resolveSeeds(query, { after, signal })
    pages.push(page)
    if (page.next === null) return pages
    after = page.next
  }
}

async function seedsOf(query: SeedQuery, from: TraceSource = source): Promise<SeedPage['seeds']> {
  return (await seedPages(query, from)).flatMap(({ seeds }) => seeds)
}

async function seedIds(query: SeedQuery, from: TraceSource = source): Promise<string[]> {
  return (await seedsOf(query, from)).map((seed) => seed.container_id)
}

async function rowsOf(domain: string, ids: string[], from: TraceSource = source): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of from.events(domain, ids, { signal })) rows.push(...batch)
  return rows
}

async function backward(ids: string[]): Promise<Map<string, string[]>> {
  const lineage = await source.lineage(ids, 'backward', { details: false, signal })
  if (lineage.direction !== 'backward') throw new Error('It went forward.')
  return lineage.ancestors
}

async function forward(ids: string[]): Promise<Map<string, string[]>> {
  const lineage = await source.lineage(ids, 'forward', { details: false, signal })
  if (lineage.direction !== 'forward') throw new Error('It went backward.')
  return lineage.childrenMap
}

function below(id: string, children: Map<string, string[]>): Set<string> {
  const found = new Set(children.get(id))
  for (const child of found) for (const further of children.get(child) ?? []) found.add(further)
  return found
}

/** Some tested lots with everybody related to them, and with everybody related to those. */
async function readEveryone(): Promise<string[]> {
  const values = exampleValues('lot_id', 4)
  const found = new Set(await seedIds({ profile: 'query_tool', by: 'values', resolveType: 'lot_id', values }))
  for (let size = 0; size < found.size;) {
    size = found.size
    for (const above of (await backward([...found])).values()) for (const id of above) found.add(id)
    for (const children of (await forward([...found])).values()) for (const id of children) found.add(id)
  }
  return [...found]
}

const params: DefectParams = {
  mode: 'date_range',
  start: '2026-02-03',
  end: '2026-02-03',
  station: '測試',
  direction: 'backward',
  lossReasons: null,
}

let everyone: string[]
beforeAll(async () => {
  everyone = await readEveryone()
})

describe('seeds', () => {
  it.each(PROFILES.flatMap((profile) => RESOLVE_TYPES[profile].map((type) => [profile, type] as const)))(
    'are found for %s by %s',
    async (profile, resolveType) => {
      const values = exampleValues(resolveType, 5)
      expect(new Set(values).size).toBe(5)
      for (const value of values) {
        const found = await seedsOf({ profile, by: 'values', resolveType, values: [value] })
        expect(found, value).not.toEqual([])
        expect(await rowsOf('history', [found[0]!.container_id])).not.toEqual([])
      }
    },
  )

  it.each(PROFILES.flatMap((profile) => RESOLVE_TYPES[profile].map((type) => [profile, type] as const)))(
    'are found for %s by each of many example values of %s',
    async (profile, resolveType) => {
      const values = exampleValues(resolveType, 3_300)
      expect(new Set(values).size).toBe(3_300)
      const last = { profile, by: 'values', resolveType, values: values.slice(-100) } as const
      expect((await seedsOf(last)).length).toBeGreaterThanOrEqual(34) // a lot has up to three serial numbers
    },
  )

  it('have example values until the plant ends, and then it is said', () => {
    expect(() => exampleValues('gd_lot_id', 100_000, 0.01)).toThrow(/^The plant has \d+ values of gd_lot_id/)
  })

  it('are found by exact names only, each once, in the order asked', async () => {
    const [first, second] = exampleValues('lot_id', 2) as [string, string]
    const values = [
      second,
      'NONE-1',
      first,
      second,
      first.slice(0, -1),
      `${first.slice(0, 6)}*`,
      '%',
      first.toLowerCase(),
    ]
    const found = await seedsOf({ profile: 'query_tool', by: 'values', resolveType: 'lot_id', values })
    expect(found.map((seed) => seed.lot_id)).toEqual([second, first])
    expect(found.every((seed) => seed.container_name === seed.lot_id)).toBe(true)
  })

  it('of a rework question are rework lots', async () => {
    const [assembly] = exampleValues('work_order', 1) as [string]
    const query = { profile: 'query_tool_reverse', by: 'values', resolveType: 'gd_work_order' } as const
    expect(await seedIds({ ...query, values: [assembly] })).toEqual([])
    expect(await seedIds({ ...query, values: exampleValues('gd_work_order', 1) })).toHaveLength(1)
  })

  it('of a wafer lot are the lots that name it', async () => {
    const [wafer] = exampleValues('wafer_lot', 1) as [string]
    const ids = await seedIds({
      profile: 'query_tool',
      by: 'values',
      resolveType: 'wafer_lot',
      values: [wafer],
    })
    const rows = await rowsOf('history', ids)
    expect(new Set(rows.map((row) => row.WAFER_LOT_ID))).toEqual(new Set([wafer]))
    expect(new Set(rows.map((row) => row.CONTAINERID))).toEqual(new Set(ids))
  })

  it('go with the days asked for: a week is some 2,600, and days add up', async () => {
    const week = await seedIds(atStation('2026-03-02', '2026-03-08'))
    expect(week.length).toBeGreaterThan(2500)
    expect(week.length).toBeLessThan(2800)
    const days = [2, 3, 4, 5, 6, 7, 8].map((day) => seedIds(atStation(`2026-03-0${day}`)))
    expect((await Promise.all(days)).flat().sort()).toEqual(week.sort())
  })

  it('are as many times more as the scale says', async () => {
    const half = await seedIds(atStation('2026-03-02', '2026-03-08'), createSyntheticSource({ scale: 0.5 }))
    expect(half.length).toBeGreaterThan(1200)
    expect(half.length).toBeLessThan(1400)
  })

  it('are those of a part of the plant where it has no more', async () => {
    const part = createSyntheticSource({ families: { first: 14_420, last: 14_429 } })
    const all = await seedIds(atStation('2026-02-20', '2026-03-10'))
    const some = await seedIds(atStation('2026-02-20', '2026-03-10'), part)
    expect(some.length).toBeGreaterThan(300)
    expect(all.filter((id) => some.includes(id))).toEqual(some)
    expect(await rowsOf('history', [all[0]!], part)).toEqual([])
  })

  it('exist at every station of the plant, and at no other', async () => {
    for (const station of ['切割', '焊接_DB', '焊接_WB', '焊接_DW', '成型', '電鍍', '包裝']) {
      expect(await seedIds(atStation('2026-03-02', '2026-03-02', station)), station).not.toEqual([])
    }
    expect(await seedIds(atStation('2026-03-02', '2026-03-02', 'EMPTY'))).toEqual([])
    expect(await seedIds(atStation('1999-03-02'))).toEqual([])
  })
})

describe('pages of seeds', () => {
  it('of days have some 1,000 seeds each, whole families, and go on where the last one ended', async () => {
    const pages = await seedPages(atStation('2026-03-02', '2026-03-15'))
    expect(pages.length).toBeGreaterThan(4)
    for (const { seeds, matched, next } of pages) {
      expect(matched).toEqual([])
      if (next !== null) expect(seeds.length).toBeGreaterThanOrEqual(1000)
      expect(seeds.length).toBeLessThan(1200)
    }
    const ids = pages.flatMap(({ seeds }) => seeds.map((seed) => seed.container_id))
    expect(new Set(ids).size).toBe(ids.length)
    expect(
      await source.resolveSeeds(atStation('2026-03-02', '2026-03-15'), { after: pages[1]!.next, signal }),
    ).toEqual(pages[2])
  })

  it('say by which value a seed was found first, and name every value that finds one of theirs', async () => {
    const lots = exampleValues('serial_number', 1_400)
    const values = ['SN-none', ...lots.slice(0, 700), 'SN99999999-1', ...lots.slice(700), lots[0]!]
    const pages = await seedPages({
      profile: 'query_tool_reverse',
      by: 'values',
      resolveType: 'serial_number',
      values: values.reverse(),
    })
    const found = new Set(pages.flatMap(({ matched }) => matched))
    expect(values.filter((value) => !found.has(value)).sort()).toEqual(['SN-none', 'SN99999999-1'])
    for (const { seeds, matched } of pages) {
      for (const { inputValue } of seeds) expect(matched).toContain(inputValue)
    }
    const ids = pages.flatMap(({ seeds }) => seeds.map((seed) => seed.container_id))
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('of many values are several, and no seed is on two of them', async () => {
    const values = exampleValues('lot_id', 2_500)
    const pages = await seedPages({
      profile: 'query_tool',
      by: 'values',
      resolveType: 'lot_id',
      values: [...values, ...values],
    })
    expect(pages.map(({ seeds }) => seeds.length)).toEqual([1000, 1000, 500])
    expect(pages.flatMap(({ seeds }) => seeds.map((seed) => seed.inputValue))).toEqual(values)
  })

  it('are none of a token that no page gave', async () => {
    await expect(source.resolveSeeds(atStation('2026-03-02'), { after: 'x', signal })).rejects.toThrow(
      'No page',
    )
  })
})

describe('lineage', () => {
  it('is the same seen from above and from below', async () => {
    const ancestors = await backward(everyone)
    const children = await forward(everyone)
    const fromBelow = [...ancestors].flatMap(([id, above]) => above.map((ancestor) => `${ancestor} > ${id}`))
    const fromAbove = everyone.flatMap((id) =>
      [...below(id, children)].map((descendant) => `${id} > ${descendant}`),
    )
    expect(fromBelow.length).toBeGreaterThan(10_000)
    expect(new Set(fromAbove)).toEqual(new Set(fromBelow))
  })

  it('does not depend on who else is asked about', async () => {
    const all = await backward(everyone)
    await fc.assert(
      fc.asyncProperty(fc.subarray(everyone, { minLength: 1, maxLength: 5 }), async (some) => {
        for (const [id, above] of await backward(some)) expect(above).toEqual(all.get(id))
      }),
      { numRuns: 30 },
    )
  })

  it('has wafers at its top, splits, merges and rework, and sorted ancestors', async () => {
    const seeds = await seedIds(atStation('2026-02-03'))
    const lineage = await source.lineage(seeds, 'backward', { details: true, signal })
    if (lineage.direction !== 'backward') throw new Error('It went forward.')
    const types = new Map(lineage.nodes.map((node) => [node.container_id, node.node_type]))
    expect(new Set(types.values())).toEqual(new Set(['WAFER', 'GC', 'GA', 'GD', 'LOT']))
    expect(new Set(lineage.edges.map((edge) => edge.edge_type))).toEqual(
      new Set(['split_from', 'merge_source', 'wafer_origin', 'gd_rework_source']),
    )
    for (const seed of seeds) {
      const above = lineage.ancestors.get(seed)!
      expect(above).toEqual([...above].sort())
      expect(above.filter((id) => !lineage.parentMap.has(id)).every((id) => types.get(id) === 'WAFER')).toBe(
        true,
      )
      expect(above.map((id) => lineage.names.get(id))).toContain(lineage.seedRoots.get(seed))
    }
    for (const { from_cid: parent, to_cid: child, edge_type: type } of lineage.edges) {
      expect(lineage.parentMap.get(child)).toContain(parent)
      expect(lineage.mergeEdges.get(child)?.includes(parent) ?? false).toBe(type === 'merge_source')
    }
  })

  it('leaves names, nodes, edges and parents out when nobody wants them', async () => {
    const [seed] = await seedIds(atStation('2026-02-03'))
    const lineage = await source.lineage([seed!], 'backward', { details: false, signal })
    expect(lineage).toMatchObject({ names: new Map(), nodes: [], edges: [], parentMap: new Map() })
  })

  it('has an empty entry for an id the plant does not know', async () => {
    expect(await backward(['CID-EMPTY', '4881038000000000ff'])).toEqual(
      new Map([
        ['CID-EMPTY', []],
        ['4881038000000000ff', []],
      ]),
    )
    expect(await forward(['CID-EMPTY'])).toEqual(new Map())
  })

  it('names serial numbers of the lots that nothing was made of, which lead back to them', async () => {
    const [seed] = await seedIds(atStation('2026-02-03'))
    const lineage = await source.lineage([seed!], 'forward', { details: true, signal })
    if (lineage.direction !== 'forward') throw new Error('It went backward.')
    expect(lineage.leafSerials.size).toBeGreaterThan(0)
    for (const [leaf, values] of lineage.leafSerials) {
      expect(lineage.childrenMap.has(leaf)).toBe(false)
      const query = {
        profile: 'query_tool_reverse',
        by: 'values',
        resolveType: 'serial_number',
        values,
      } as const
      expect(await seedIds(query)).toEqual([leaf])
    }
  })
})

describe('five months at the test', () => {
  it('are a question of 57,000 seeds, 115,000 CIDs and two million pairs', { timeout: 60_000 }, async () => {
    const seeds = await seedIds(atStation('2026-01-01', '2026-05-31'))
    const cids = new Set(seeds)
    let pairs = 0
    for (let at = 0; at < seeds.length; at += 1000) {
      for (const above of (await backward(seeds.slice(at, at + 1000))).values()) {
        pairs += above.length
        for (const id of above) cids.add(id)
      }
    }
    expect(Math.abs(seeds.length - 57_000)).toBeLessThan(500)
    expect(cids.size).toBeGreaterThanOrEqual(113_300)
    expect(cids.size).toBeLessThan(120_000)
    expect(pairs).toBeGreaterThanOrEqual(2_000_000)
  })
})

describe('events', () => {
  it.each(DOMAINS)('of %s have the columns of the contract, in order, with times as text', async (domain) => {
    const rows = await rowsOf(domain, everyone)
    expect(rows.length).toBeGreaterThan(50)
    expect(new Set(rows.map((row) => Object.keys(row).join(' ')))).toEqual(new Set([COLUMNS[domain]]))
    const strange = rows.flatMap(Object.entries).filter(([column, value]) => {
      if (value === null) return !OPEN.test(column)
      if (TIMES.test(column)) return !/^2026-0[1-3]-\d\d \d\d:\d\d:\d\d$/.test(String(value))
      return typeof value === 'number' ? !Number.isFinite(value) : value === ''
    })
    expect(strange).toEqual([])
  })

  it('of a lot are the same alone and in company, from this source and another', async () => {
    for (const domain of DOMAINS) {
      const some = [...everyone.filter((_, i) => i % 40 === 0), 'CID-EMPTY'].reverse()
      const alone: Row[] = []
      for (const id of some) alone.push(...(await rowsOf(domain, [id], createSyntheticSource())))
      expect(await rowsOf(domain, some)).toEqual(alone)
    }
  })

  it('leave open what is not over: tracks, holds and repairs', async () => {
    const isMixed = (rows: Row[], column: string) => {
      const open = rows.filter((row) => row[column] === null).length
      return open > 0 && open < rows.length
    }
    expect(isMixed(await rowsOf('history', everyone), 'TRACKOUTTIMESTAMP')).toBe(true)
    expect(isMixed(await rowsOf('holds', everyone), 'RELEASETXNDATE')).toBe(true)
    expect(isMixed(await rowsOf('jobs', everyone), 'COMPLETEDATE')).toBe(true)
  })

  it('bring texts that are hard to carry', async () => {
    const comments = (await rowsOf('holds', everyone)).map((row) => row.HOLDCOMMENTS).join('|')
    expect(comments).toMatch(/\n/)
    expect(comments).toMatch(/"/)
    expect(comments).toMatch(/\\/)
    expect((await rowsOf('rejects', everyone)).map((row) => row.LOSSREASONNAME)).toContain('(未填寫)')
  })

  it('pass through stations in time, after all parents, with no more pieces than before', async () => {
    const rows = await rowsOf('history', everyone)
    const times = new Map<unknown, { first: string; last: string }>()
    let previous: Row | undefined
    for (const row of rows) {
      const [entered, left] = [
        String(row.TRACKINTIMESTAMP),
        String(row.TRACKOUTTIMESTAMP ?? row.TRACKINTIMESTAMP),
      ]
      expect(left >= entered).toBe(true)
      if (previous && previous.CONTAINERID === row.CONTAINERID) {
        expect(entered > String(previous.TRACKOUTTIMESTAMP)).toBe(true)
        expect(row.TRACKINQTY).toBe(previous.TRACKOUTQTY)
      }
      times.set(row.CONTAINERID, { first: times.get(row.CONTAINERID)?.first ?? entered, last: left })
      previous = row
    }
    for (const [parent, children] of await forward(everyone)) {
      for (const child of children) {
        expect(times.get(child)!.first > times.get(parent)!.last, `${parent} → ${child}`).toBe(true)
      }
    }
  })

  it('name in each repair every lot that has a copy of it', async () => {
    const rows = await rowsOf('jobs', everyone)
    for (const row of rows) {
      const named = String(row.CONTAINERIDS).split(',')
      const copies = (await rowsOf('jobs', named)).filter((other) => other.JOBID === row.JOBID)
      expect(copies.map((copy) => copy.CONTAINERID)).toEqual(named)
      for (const copy of copies) expect({ ...copy, CONTAINERID: row.CONTAINERID }).toEqual(row)
    }
  })

  it('come a few hundred at a time', async () => {
    const sizes: number[] = []
    for await (const rows of source.events('history', everyone, { signal })) sizes.push(rows.length)
    expect(Math.max(...sizes)).toBeLessThan(600)
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(500)
  })

  it('of an unknown domain are none', async () => {
    expect(await rowsOf('__proto__', await seedIds(atStation('2026-02-03')))).toEqual([])
  })
})

describe('detections', () => {
  async function detect(given: DefectParams, ids: string[]): Promise<Detection[]> {
    const found: Detection[] = []
    for await (const batch of source.detections({ profile: 'mid_section_defect', ...given }, ids, { signal }))
      found.push(...batch)
    return found
  }

  it('are what the rejects and passes of the seeds say', async () => {
    const ids = await seedIds(atStation('2026-02-03'))
    const found = await detect(params, ids)
    expect(found.map((detection) => detection.containerId)).toEqual(ids)
    const names = new Map((await rowsOf('history', ids)).map((row) => [row.CONTAINERID, row.CONTAINERNAME]))
    for (const { containerId, lotId, product, isRework } of found) {
      expect(lotId).toBe(names.get(containerId))
      expect(product).toMatch(/^\w+$/)
      expect(isRework).toBe(lotId.startsWith('GD'))
    }
    expect(new Set(found.map(({ isRework }) => isRework)).size).toBe(2)
    const rejects = (await rowsOf('rejects', ids)).filter((row) => row.WORKCENTER_GROUP === '測試')
    const passes = (await rowsOf('upstream_history', ids)).filter((row) => row.WORKCENTER_GROUP === '測試')
    for (const { containerId, date, inputQty, defects } of found) {
      const its = rejects.filter((row) => row.CONTAINERID === containerId)
      expect(its.map((row) => ({ reason: row.LOSSREASONNAME, qty: row.REJECT_TOTAL_QTY }))).toEqual(defects)
      const first = passes.find((row) => row.CONTAINERID === containerId)!
      expect([String(first.TRACKINTIMESTAMP).slice(0, 10), first.TRACKINQTY]).toEqual([date, inputQty])
      expect(date).toBe('2026-02-03')
    }
  })

  it('leave out lots that were not measured there, or on another day', async () => {
    const all = await detect({ ...params, mode: 'container', start: null, end: null }, [
      ...everyone,
      'CID-EMPTY',
    ])
    expect(all.length).toBeGreaterThan(200)
    expect(all.length).toBeLessThan(everyone.length / 2)
    const day = all[0]!.date
    const ofDay = all.filter((detection) => detection.date === day)
    expect(ofDay.length).toBeLessThan(all.length)
    expect(await detect({ ...params, start: day, end: day }, everyone)).toEqual(ofDay)
    expect(await detect({ ...params, station: 'EMPTY' }, everyone)).toEqual([])
  })
})

describe('faults on request', () => {
  const byLot = (value: string): SeedQuery => ({
    profile: 'query_tool',
    by: 'values',
    resolveType: 'lot_id',
    values: [value],
  })

  it('fail to resolve ERR, BOOM and the station NONE', async () => {
    await expect(seedIds(byLot('ERR'))).rejects.toMatchObject({
      code: 'SEED_RESOLVE_FAILED',
      message: '解析失敗: synthetic',
    })
    await expect(seedIds(byLot('BOOM'))).rejects.toThrow('crashed')
    await expect(seedIds(atStation('2026-02-01', '2026-02-01', 'NONE'))).rejects.toMatchObject({
      code: 'SEED_RESOLVE_FAILED',
      status: 503,
    })
  })

  it('fail one domain for CID-FAIL-<domain>, after the rows before it', async () => {
    expect(await seedIds(byLot('CID-FAIL-materials'))).toEqual(['CID-FAIL-materials'])
    const [lot] = await seedIds(byLot(exampleValues('lot_id', 1)[0]!))
    await expect(rowsOf('materials', [lot!, 'CID-FAIL-materials'])).rejects.toThrow('CID-FAIL-materials')
    expect(await rowsOf('holds', ['CID-FAIL-materials'])).toEqual([])
  })

  it('fail a domain that is configured to fail', async () => {
    const failing = createSyntheticSource({ failing: ['materials'] })
    const ids = await seedIds(byLot(exampleValues('lot_id', 1)[0]!))
    await expect(rowsOf('materials', ids, failing)).rejects.toThrow('materials')
    expect(await rowsOf('history', ids, failing)).toEqual(await rowsOf('history', ids))
  })

  it('fail the lineage of CID-TIMEOUT and CID-CRASH', async () => {
    await expect(backward(['CID-TIMEOUT'])).rejects.toMatchObject({ code: 'LINEAGE_TIMEOUT' })
    await expect(forward(['CID-CRASH'])).rejects.toThrow('crashed')
  })

  it('fail the aggregation at AGGNONE and AGGERR', async () => {
    const detect = (station: string) =>
      source
        .detections(
          { ...params, mode: 'container', start: null, end: null, station, profile: 'mid_section_defect' },
          [],
          { signal },
        )
        [Symbol.asyncIterator]()
        .next()
    await expect(detect('AGGNONE')).rejects.toMatchObject({ code: 'EVENTS_AGGREGATION_FAILED', status: 503 })
    await expect(detect('AGGERR')).rejects.toMatchObject({ code: 'EVENTS_AGGREGATION_FAILED', status: 400 })
  })
})

describe('time', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Ids that need no timers to be found. */
  async function lots(count: number): Promise<string[]> {
    const values = exampleValues('lot_id', count)
    return seedIds({ profile: 'query_tool', by: 'values', resolveType: 'lot_id', values })
  }

  it('passes as configured: so long for every query, whatever its size and stage', async () => {
    const slow = createSyntheticSource({ delayMsPerQuery: 1000 })
    const ids = await lots(250)
    const queries = [
      slow.resolveSeeds(
        { profile: 'query_tool', by: 'values', resolveType: 'lot_id', values: exampleValues('lot_id', 5) },
        { after: null, signal },
      ),
      slow.lineage(ids, 'backward', { details: false, signal }),
      rowsOf('history', ids, slow),
      rowsOf('holds', ids.slice(0, 1), slow),
      slow
        .detections({ profile: 'mid_section_defect', ...params }, ids, { signal })
        [Symbol.asyncIterator]()
        .next(),
    ]
    const ended: number[] = []
    for (const query of queries) void query.then(() => ended.push(Date.now()))
    const started = Date.now()
    await vi.runAllTimersAsync()
    expect(ended.map((at) => at - started)).toEqual(queries.map(() => 1000))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is not waited out once a query is aborted', async () => {
    const slow = createSyntheticSource({ delayMsPerQuery: 3_600_000 })
    const controller = new AbortController()
    const reason = new Error('enough')
    const next = slow
      .events('history', await lots(5), { signal: controller.signal })
      [Symbol.asyncIterator]()
      .next()
    controller.abort(reason)
    await expect(next).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('stands still at CID-HANG until the query is aborted', async () => {
    const controller = new AbortController()
    const next = source
      .events('history', ['CID-HANG'], { signal: controller.signal })
      [Symbol.asyncIterator]()
      .next()
    await vi.advanceTimersByTimeAsync(3_600_000)
    controller.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
  })

  it('ends a query between two batches when it is aborted', async () => {
    const controller = new AbortController()
    const batches = source
      .events('history', await lots(200), { signal: controller.signal })
      [Symbol.asyncIterator]()
    await batches.next()
    controller.abort(new Error('enough'))
    await expect(batches.next()).rejects.toThrow('enough')
  })

  it('is given to others while five months of seeds are looked for', async () => {
    const controller = new AbortController()
    const query = atStation('2026-01-01', '2026-05-31')
    const seeds = source.resolveSeeds(query, { after: null, signal: controller.signal })
    const outcome = expect(seeds).rejects.toThrow('enough')
    await vi.advanceTimersByTimeAsync(1)
    controller.abort(new Error('enough'))
    await outcome
  })
})
