import type { DefectParams, Detection, Row } from '../ports/index.js'

/** A question small enough to hold in memory. */
export interface DefectCase {
  params: DefectParams
  seedIds: string[]
  lineage: Record<string, string[]>
  seedRoots: Record<string, string>
  detections: Detection[]
  rows: { domain: string; row: Row }[]
}

interface Lot {
  id: string
  date: string
  input: number
  defects: number
  /** Reasons asked about. */
  counted: Detection['defects']
  reach: Set<string>
}

interface Entry {
  name: string
  lots: number
  input: number
  defects: number
  rejects?: number
}

const PASSES = ['upstream_history', 'history', 'downstream_rejects']

/**
 * What the aggregation should be, told with sets and rows: slow, and plain enough to be read against DESIGN section 5.
 * For tests only.
 */
export function naiveAggregation(given: DefectCase): unknown {
  const isBackward = given.params.direction === 'backward'
  const lots = lotsOf(given)
  const roots = new Map(Object.entries(given.seedRoots))
  const stations = byRows(given, lots, PASSES, (row) => row.WORKCENTER_GROUP ?? row.WORKCENTERNAME)
  const machines = byRows(given, lots, PASSES, (row) => row.EQUIPMENTNAME)
  const materials = byRows(given, lots, ['materials'], materialName)
  const reasons = byReason(lots)
  const wafers = unique(lots.flatMap(({ id }) => roots.get(id) ?? [])).map((root) =>
    entryOf(
      root,
      lots.filter(({ id }) => roots.get(id) === root),
    ),
  )
  const charts = {
    by_station: chart(stations),
    by_machine: chart(machines),
    by_loss_reason: chart(reasons),
    by_material: chart(materials),
  }
  const common = {
    daily_trend: unique(lots.map(({ date }) => date)).map((date) => trendOf(lots, date)),
    available_loss_reasons: availableReasons(given),
    genealogy_status: Object.keys(given.lineage).length > 0 || lots.length === 0 ? 'ready' : 'error',
    detail_total_count: sum(
      lots.map((lot) => Math.max(1, unique(lot.counted.map(({ reason }) => reason)).length)),
    ),
  }
  if (!isBackward) {
    const downstream = byRows(given, lots, ['downstream_rejects'], (row) => row.LOSSREASONNAME)
    return {
      kpi: forwardKpi(given, lots, stations),
      charts: { ...charts, by_downstream_reason: chart(downstream) },
      ...common,
      attribution: [],
    }
  }
  return {
    kpi: {
      total_input: sum(lots.map(({ input }) => input)),
      lot_count: lots.length,
      defective_lot_count: lots.filter(({ defects }) => defects > 0).length,
      total_defect_qty: sum(lots.map(({ defects }) => defects)),
      total_defect_rate: rate(sum(lots.map(({ defects }) => defects)), sum(lots.map(({ input }) => input))),
      top_loss_reason: charts.by_loss_reason[0]?.name ?? null,
      affected_machine_count: machines.filter(({ defects }) => defects > 0).length,
    },
    charts: { ...charts, by_wafer_root: chart(wafers) },
    ...common,
    attribution: suspects(lots, { machine: machines, material: materials, wafer_root: wafers }),
  }
}

function lotsOf({ params, seedIds, lineage, detections }: DefectCase): Lot[] {
  const related = new Map(Object.entries(lineage))
  const asked = detections.filter(({ containerId }) => seedIds.includes(containerId))
  return asked.map(({ containerId: id, date, inputQty: input, defects }) => {
    const counted = defects.filter(({ reason }) => params.lossReasons?.includes(reason) ?? true)
    const ancestors = new Set([id, ...(related.get(id) ?? [])])
    const reach = params.direction === 'backward' ? ancestors : descendants(id, related)
    return { id, date, input, defects: sum(counted.map(({ qty }) => qty)), counted, reach }
  })
}

function descendants(id: string, children: ReadonlyMap<string, string[]>): Set<string> {
  const found = new Set(children.get(id))
  for (const child of found) for (const further of children.get(child) ?? []) found.add(further)
  found.delete(id)
  return found
}

/** Entries by what `valueOf` says of rows. */
function byRows(given: DefectCase, lots: Lot[], domains: string[], valueOf: (row: Row) => unknown): Entry[] {
  const rows = given.rows.filter(
    ({ domain, row }) => domains.includes(domain) && typeof valueOf(row) === 'string',
  )
  const reached = reachedBy(lots)
  const rowsOf = new Map<unknown, typeof rows>()
  for (const one of rows) {
    const its = rowsOf.get(valueOf(one.row)) ?? []
    its.push(one)
    rowsOf.set(valueOf(one.row), its)
  }
  return [...rowsOf].flatMap(([name, its]) => {
    const cids = unique(its.map(({ row }) => String(row.CONTAINERID)))
    const having = lots.filter(({ reach }) => cids.some((cid) => reach.has(cid)))
    if (having.length === 0) return []
    const entry = entryOf(String(name), having)
    return [given.params.direction === 'backward' ? entry : { ...entry, rejects: rejected(its, reached) }]
  })
}

function materialName({ MATERIALPARTNAME: part, MATERIALLOTNAME: lot }: Row): unknown {
  return typeof part === 'string' && typeof lot === 'string' ? `${part} (${lot})` : part
}

function byReason(lots: Lot[]): Entry[] {
  return unique(lots.flatMap(({ counted }) => counted.map(({ reason }) => reason))).map((reason) => {
    const having = lots.filter(({ counted }) => counted.some((defect) => defect.reason === reason))
    const lost = having.flatMap(({ counted }) => counted).filter((defect) => defect.reason === reason)
    return { ...entryOf(reason, having), defects: sum(lost.map(({ qty }) => qty)) }
  })
}

function entryOf(name: string, having: Lot[]): Entry {
  const input = sum(having.map((lot) => lot.input))
  return { name, lots: having.length, input, defects: sum(having.map((lot) => lot.defects)) }
}

function chart(entries: Entry[]) {
  const shown = ({ defects, rejects }: Entry) => rejects ?? defects
  const total = sum(entries.map(shown))
  const ranked = [...entries].sort(
    (a, b) => shown(b) - shown(a) || a.input - b.input || compare(a.name, b.name),
  )
  return ranked.slice(0, 200).map(({ name, lots, input, defects, rejects }, i) => ({
    name,
    input_qty: input,
    defect_qty: defects,
    defect_rate: rate(defects, input),
    lot_count: lots,
    cumulative_pct: rate(sum(ranked.slice(0, i + 1).map(shown)), total),
    ...(rejects !== undefined && { reject_qty: rejects, reject_rate: rate(rejects, input) }),
  }))
}

function trendOf(lots: Lot[], date: string) {
  const { input, defects } = entryOf(
    date,
    lots.filter((lot) => lot.date === date),
  )
  return { date, input_qty: input, defect_qty: defects, defect_rate: rate(defects, input) }
}

function availableReasons({ detections, seedIds }: DefectCase): string[] {
  const all = detections
    .filter(({ containerId }) => seedIds.includes(containerId))
    .flatMap(({ defects }) => defects)
  const lost = (reason: string) => sum(all.filter((defect) => defect.reason === reason).map(({ qty }) => qty))
  return unique(all.map(({ reason }) => reason)).sort((a, b) => lost(b) - lost(a) || compare(a, b))
}

function forwardKpi(given: DefectCase, lots: Lot[], stations: Entry[]) {
  return {
    detection_lot_count: lots.length,
    detection_defect_qty: sum(lots.map(({ defects }) => defects)),
    tracked_lot_count: unique(lots.flatMap(({ reach }) => [...reach])).length,
    downstream_stations_reached: stations.length,
    downstream_total_reject: rejected(given.rows, reachedBy(lots)),
    downstream_reject_rate: rate(rejected(given.rows, reachedBy(lots)), sum(lots.map(({ input }) => input))),
  }
}

/** Pieces rejected in the CIDs reached, each row once. */
function rejected(rows: DefectCase['rows'], reached: Set<string>): number {
  const its = rows.filter(
    ({ domain, row }) => domain === 'downstream_rejects' && reached.has(String(row.CONTAINERID)),
  )
  return sum(its.map(({ row }) => Number(row.REJECT_TOTAL_QTY ?? 0)))
}

function reachedBy(lots: Lot[]): Set<string> {
  return new Set(lots.flatMap(({ reach }) => [...reach]))
}

function suspects(lots: Lot[], dimensions: Record<string, Entry[]>) {
  const all = entryOf('', lots)
  if (all.input === 0) return []
  return Object.entries(dimensions)
    .flatMap(([dimension, entries]) =>
      entries.map(({ name, lots: count, input, defects }) => ({
        dimension,
        name,
        lot_count: count,
        input_qty: input,
        defect_qty: defects,
        defect_rate: rate(defects, input),
        excess_qty: Math.round(defects - input * (all.defects / all.input)),
      })),
    )
    .filter(({ excess_qty: excess }) => excess > 0)
    .sort((a, b) => b.excess_qty - a.excess_qty || compare(a.name, b.name))
    .slice(0, 20)
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1e6) / 1e4
}

function unique(values: string[]): string[] {
  return [...new Set(values)].sort(compare)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
