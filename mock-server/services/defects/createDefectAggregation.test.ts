import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSyntheticSource } from '../../adapters/synthetic/createSyntheticSource.js'
import type { DefectParams, Detection, Row } from '../../ports/index.js'
import { naiveAggregation, type DefectCase } from '../../testing/naiveAggregation.js'
import { decodePart, encodePart } from './aggregationParts.js'
import { createDefectAggregation, type DefectAggregation } from './createDefectAggregation.js'
import { FACTORY } from '../../testing/factoryDescription.js'
import { figureRoles } from './figureRoles.js'

const ROLES = figureRoles(FACTORY)

const { signal } = new AbortController()

const PARAMS: DefectParams = {
  mode: 'date_range',
  start: '2026-02-01',
  end: '2026-02-02',
  station: '測試',
  direction: 'backward',
  lossReasons: null,
}

type Part = 'detections' | 'lineage' | 'roots' | 'rows'
const PARTS: readonly Part[] = ['detections', 'lineage', 'roots', 'rows']

/** Gives an aggregation the case's inputs in small parts. */
function give(
  aggregation: DefectAggregation,
  { lineage, seedRoots, seedIds, detections, rows }: DefectCase,
  order: readonly Part[] = PARTS,
) {
  const giveAll = {
    lineage: () => Object.entries(lineage).forEach((entry) => aggregation.addLineage([entry])),
    roots: () => Object.entries(seedRoots).forEach((entry) => aggregation.addRoots([entry])),
    detections: () =>
      detections
        .filter(({ containerId }) => seedIds.includes(containerId))
        .forEach((detection) => aggregation.addDetections([detection])),
    rows: () => rows.forEach(({ domain, row }) => aggregation.observe(domain, [row])),
  }
  for (const part of order) giveAll[part]()
}

function aggregate(given: DefectCase, order?: readonly Part[]) {
  const aggregation = createDefectAggregation(given.params.direction, ROLES)
  give(aggregation, given, order)
  return aggregation.finish(given.params.lossReasons)
}

const CIDS = ['a', 'b', 'c', 'd', 'e', 'f', '__proto__', 'constructor']
const cid = fc.constantFrom(...CIDS, 'unheard-of')
const name = fc.constantFrom('甲', '乙', '丙', 'toString')
const maybe = (names: fc.Arbitrary<string>) => fc.option(names, { freq: 6 })
const row = fc.oneof(
  fc.record({
    domain: fc.constant('history'),
    row: fc.record({ CONTAINERID: cid, WORKCENTERNAME: maybe(name), EQUIPMENTNAME: maybe(name) }),
  }),
  fc.record({
    domain: fc.constant('upstream_history'),
    row: fc.record({
      CONTAINERID: cid,
      WORKCENTER_GROUP: maybe(name),
      WORKCENTERNAME: maybe(name),
      EQUIPMENTNAME: maybe(name),
    }),
  }),
  fc.record({
    domain: fc.constant('materials'),
    row: fc.record({
      CONTAINERID: cid,
      MATERIALPARTNAME: maybe(name),
      MATERIALLOTNAME: maybe(name),
      EQUIPMENTNAME: name,
    }),
  }),
  fc.record({
    domain: fc.constant('downstream_rejects'),
    row: fc.record({
      CONTAINERID: cid,
      WORKCENTER_GROUP: maybe(name),
      EQUIPMENTNAME: maybe(name),
      LOSSREASONNAME: maybe(name),
      REJECT_TOTAL_QTY: fc.option(fc.nat(9)),
    }),
  }),
  fc.record({
    domain: fc.constantFrom('holds', '__proto__'),
    row: fc.record({ CONTAINERID: cid, EQUIPMENTNAME: name }),
  }),
)
const entriesOf = <T>(value: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...CIDS), value), { selector: ([key]) => key })
    .map(Object.fromEntries)
const defectCase: fc.Arbitrary<DefectCase> = fc.record({
  params: fc
    .record({
      direction: fc.constantFrom('backward', 'forward'),
      lossReasons: fc.option(fc.uniqueArray(name, { minLength: 1 })),
    })
    .map((chosen) => ({ ...PARAMS, ...chosen }) as DefectParams),
  seedIds: fc.uniqueArray(fc.constantFrom(...CIDS)),
  // Any graph at all: shared ancestors, merges, circles, lots that descend from themselves.
  lineage: entriesOf(fc.uniqueArray(cid)) as fc.Arbitrary<Record<string, string[]>>,
  seedRoots: entriesOf(name) as fc.Arbitrary<Record<string, string>>,
  detections: fc.uniqueArray(
    fc.record({
      containerId: fc.constantFrom(...CIDS),
      lotId: fc.constant('lot'),
      product: fc.constant(null),
      isRework: fc.boolean(),
      date: fc.constantFrom('2026-02-01', '2026-02-02'),
      inputQty: fc.nat(100),
      defects: fc.array(fc.record({ reason: name, qty: fc.nat(9) }), { maxLength: 3 }),
    }),
    { selector: ({ containerId }) => containerId },
  ),
  rows: fc.array(row, { maxLength: 40 }) as fc.Arbitrary<DefectCase['rows']>,
})

const lot = (containerId: string, inputQty: number, qty: number): Detection => ({
  containerId,
  lotId: containerId,
  product: null,
  isRework: false,
  date: '2026-02-01',
  inputQty,
  defects: qty === 0 ? [] : [{ reason: '短路', qty }],
})
const pass = (CONTAINERID: string, EQUIPMENTNAME: string) => ({
  domain: 'upstream_history',
  row: { CONTAINERID, WORKCENTER_GROUP: '焊接_WB', EQUIPMENTNAME } as Row,
})
/** Two lots that share the ancestor `m`, a third that does not. */
const SHARED: DefectCase = {
  params: PARAMS,
  seedIds: ['a', 'b', 'c'],
  lineage: { a: ['m', 'w'], b: ['m'], c: [] },
  seedRoots: { a: 'WF-1', b: 'WF-1', c: 'WF-2' },
  detections: [lot('a', 100, 10), lot('b', 100, 0), lot('c', 200, 2)],
  rows: [pass('m', 'WB-1'), pass('w', 'WB-1'), pass('a', 'WB-1'), pass('c', 'WB-2'), pass('x', 'WB-9')],
}

describe('createDefectAggregation', () => {
  it('agrees with sets and rows in memory, whatever the lineage', () => {
    fc.assert(
      fc.property(defectCase, (given) => {
        expect(aggregate(given)).toEqual(naiveAggregation(given))
      }),
      { numRuns: 400 },
    )
  })

  it('takes its inputs in any order, and each lot once', () => {
    fc.assert(
      fc.property(defectCase, fc.shuffledSubarray([...PARTS], { minLength: 4 }), (given, order) => {
        const twice = { ...given, detections: [...given.detections, ...given.detections] }
        expect(aggregate(twice, order)).toEqual(aggregate(given))
      }),
      { numRuns: 200 },
    )
  })

  it('takes the relatives of an id in parts', () => {
    for (const direction of ['backward', 'forward'] as const) {
      const given = { ...SHARED, params: { ...PARAMS, direction } }
      const aggregation = createDefectAggregation(direction, ROLES)
      give(aggregation, { ...given, lineage: {} })
      for (const [id, relatives] of Object.entries(given.lineage)) {
        for (const relative of relatives) aggregation.addLineage([[id, [relative]]])
        aggregation.addLineage([[id, []]])
      }
      expect(aggregation.finish(null)).toEqual(aggregate(given))
    }
  })

  it('answers for any loss reasons from what was saved of it', () => {
    fc.assert(
      fc.property(
        defectCase,
        fc.constantFrom<string[] | null>(null, ['甲'], ['乙', '丙']),
        (given, lossReasons) => {
          const saved = createDefectAggregation(given.params.direction, ROLES)
          give(saved, given)
          const restored = createDefectAggregation(given.params.direction, ROLES)
          for (const part of saved.save()) restored.restore(decodePart(encodePart(part)))
          give(restored, given, ['detections', 'roots'])
          const asked = { ...given, params: { ...given.params, lossReasons } }
          expect(restored.finish(lossReasons)).toEqual(aggregate(asked))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('refuses parts that are damaged', () => {
    const aggregation = createDefectAggregation('backward', ROLES)
    give(aggregation, SHARED)
    for (const part of aggregation.save()) {
      const bytes = encodePart(part)
      for (const damage of [bytes.subarray(0, 3), bytes.subarray(0, -1), bytes.subarray(8)]) {
        expect(() => decodePart(damage)).toThrow(expect.objectContaining({ code: 'CHUNK_MISSING' }))
      }
      // Without the ids before them, numbers stand for nothing.
      if (!('ints' in part)) continue
      expect(() => createDefectAggregation('backward', ROLES).restore(part)).toThrow(
        expect.objectContaining({ code: 'CHUNK_MISSING' }),
      )
    }
  })

  it('answers for other loss reasons from what it holds', () => {
    const aggregation = createDefectAggregation('backward', ROLES)
    give(aggregation, SHARED)
    for (const lossReasons of [['開路'], null, ['短路']]) {
      const asked = { ...SHARED, params: { ...PARAMS, lossReasons } }
      expect(aggregation.finish(lossReasons)).toEqual(aggregate(asked))
    }
  })

  it('counts a lot once for a machine, however often its lineage ran there', () => {
    const { charts } = aggregate(SHARED) as { charts: Record<string, unknown[]> }
    expect(charts.by_machine).toEqual([
      { name: 'WB-1', input_qty: 200, defect_qty: 10, defect_rate: 5, lot_count: 2, cumulative_pct: 83.3333 },
      { name: 'WB-2', input_qty: 200, defect_qty: 2, defect_rate: 1, lot_count: 1, cumulative_pct: 100 },
    ])
    expect(charts.by_wafer_root).toMatchObject([
      { name: 'WF-1', defect_qty: 10, lot_count: 2 },
      { name: 'WF-2', defect_qty: 2, lot_count: 1 },
    ])
  })

  it('describes the question as a whole', () => {
    expect(aggregate(SHARED)).toMatchObject({
      kpi: {
        total_input: 400,
        lot_count: 3,
        defective_lot_count: 2,
        total_defect_qty: 12,
        total_defect_rate: 3,
        top_loss_reason: '短路',
        affected_machine_count: 2,
      },
      daily_trend: [{ date: '2026-02-01', input_qty: 400, defect_qty: 12, defect_rate: 3 }],
      available_loss_reasons: ['短路'],
      genealogy_status: 'ready',
      detail_total_count: 3,
      attribution: [
        { dimension: 'machine', name: 'WB-1', excess_qty: 4 },
        { dimension: 'wafer_root', name: 'WF-1', excess_qty: 4 },
      ],
    })
  })

  it('counts only the loss reasons asked about, and names the others', () => {
    const answer = aggregate({ ...SHARED, params: { ...PARAMS, lossReasons: ['開路'] } })
    expect(answer).toMatchObject({
      kpi: { total_input: 400, total_defect_qty: 0, top_loss_reason: null },
      available_loss_reasons: ['短路'],
      attribution: [],
    })
  })

  it('says so when there is no lineage to go by', () => {
    expect(aggregate({ ...SHARED, lineage: {} })).toMatchObject({ genealogy_status: 'error' })
    expect(aggregate({ ...SHARED, lineage: {}, detections: [] })).toMatchObject({
      genealogy_status: 'ready',
    })
  })

  it('follows lots downstream, not upstream, when asked forward', () => {
    const reject = (CONTAINERID: string, REJECT_TOTAL_QTY: number) => ({
      domain: 'downstream_rejects',
      row: {
        CONTAINERID,
        WORKCENTER_GROUP: '包裝',
        LOSSREASONNAME: '掉料',
        EQUIPMENTNAME: 'VTR-1',
        REJECT_TOTAL_QTY,
      },
    })
    const answer = aggregate({
      ...SHARED,
      params: { ...PARAMS, direction: 'forward' },
      lineage: { a: ['p'], b: ['p', 'q'], p: ['r'] },
      rows: [pass('a', 'WB-1'), reject('r', 3), reject('r', 1), reject('a', 50), reject('x', 70)],
    })
    expect(answer).toMatchObject({
      kpi: {
        detection_lot_count: 3,
        detection_defect_qty: 12,
        tracked_lot_count: 3,
        downstream_stations_reached: 1,
        downstream_total_reject: 4,
        downstream_reject_rate: 1,
      },
      charts: {
        by_station: [
          { name: '包裝', lot_count: 2, input_qty: 200, defect_qty: 10, reject_qty: 4, reject_rate: 2 },
        ],
        by_downstream_reason: [{ name: '掉料', reject_qty: 4 }],
      },
    })
  })

  it('forgets a domain as if it had never seen it', () => {
    const aggregation = createDefectAggregation('backward', ROLES)
    give(aggregation, SHARED, ['lineage', 'roots', 'detections'])
    const untouched = aggregation.finish(null)
    aggregation.observe(
      'upstream_history',
      SHARED.rows.map(({ row }) => row),
    )
    aggregation.forget('upstream_history')
    expect(aggregation.finish(null)).toEqual(untouched)
    aggregation.observe(
      'upstream_history',
      SHARED.rows.map(({ row }) => row),
    )
    expect(aggregation.finish(null)).toEqual(aggregate(SHARED))
  })

  it('finds the machine that spoils lots', { timeout: 60_000 }, async () => {
    const given = await askPlant({ ...PARAMS, start: '2026-04-01', end: '2026-04-07' }, ['upstream_history'])
    const { charts, attribution } = aggregate(given) as Record<string, unknown>
    expect(charts).toMatchObject({ by_machine: { 0: { name: 'GWBD-0022' } } })
    expect(attribution).toMatchObject({ 0: { dimension: 'machine', name: 'GWBD-0022' } })
  })

  it.each(['backward', 'forward'] as const)(
    'agrees with sets and rows over two days of the synthetic plant, %s',
    { timeout: 60_000 },
    async (direction) => {
      const domains = ['upstream_history', 'materials', 'downstream_rejects']
      const given = await askPlant({ ...PARAMS, direction }, domains)
      expect(given.rows.length).toBeGreaterThan(20_000)
      expect(aggregate(given)).toEqual(naiveAggregation(given))
    },
  )
})

/** A question to the synthetic plant, with everything it answers. */
async function askPlant(params: DefectParams, domains: string[]): Promise<DefectCase> {
  const source = createSyntheticSource()
  const { start, end, station, direction } = params
  const query = {
    profile: 'mid_section_defect',
    by: 'date_range',
    start: start!,
    end: end!,
    station,
  } as const
  const seedIds: string[] = []
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    const page = await source.resolveSeeds(query, { signal, after })
    seedIds.push(...page.seeds.map((seed) => seed.container_id))
    after = page.next
  }
  const answer = await source.lineage(seedIds, direction, { details: false, signal })
  const isBackward = answer.direction === 'backward'
  const given: DefectCase = {
    params,
    seedIds,
    lineage: Object.fromEntries(isBackward ? answer.ancestors : answer.childrenMap),
    seedRoots: isBackward ? Object.fromEntries(answer.seedRoots) : {},
    detections: [],
    rows: [],
  }
  for await (const found of source.detections({ profile: 'mid_section_defect', ...params }, seedIds, {
    signal,
  }))
    given.detections.push(...found)
  const ids = [
    ...new Set([...seedIds, ...Object.keys(given.lineage), ...Object.values(given.lineage).flat()]),
  ]
  for (const domain of domains) {
    for await (const rows of source.events(domain, ids, { signal })) {
      for (const row of rows) given.rows.push({ domain, row })
    }
  }
  return given
}
