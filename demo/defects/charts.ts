import type { RecordList } from 'vue-trace-progress'
import type { RowFilter } from '../DomainTabs.vue'
import type { Bar, DefectFigures } from './aggregation.js'

/** A chart of the page: which figures, and what its bars stand for in the rows. */
export interface ChartKind {
  key: 'suspects' | 'station' | 'machine' | 'lossReason' | 'material' | 'waferRoot' | 'downstreamReason'
  /** Its name in the aggregation. */
  figures: string
  measure: 'defects' | 'rejects' | 'excess'
  /** Where rows can be counted before the figures are there. */
  interim?: { domain: string; column: string }
  /** What a click on a bar shows. */
  select: (name: string) => Selection
}

/** What a click on a bar means: rows to see, a reason to ask with, a wafer lot to look up. */
export type Selection =
  | { kind: 'rows'; domain: string; filter: RowFilter }
  | { kind: 'reason'; reason: string }
  | { kind: 'wafer'; name: string }

const rowsOf =
  (domain: string, column: string) =>
  (name: string): Selection => ({ kind: 'rows', domain, filter: { [column]: [name] } })

const STATION: ChartKind = {
  key: 'station',
  figures: 'by_station',
  measure: 'defects',
  interim: { domain: 'upstream_history', column: 'WORKCENTER_GROUP' },
  select: rowsOf('upstream_history', 'WORKCENTER_GROUP'),
}
const MACHINE: ChartKind = {
  key: 'machine',
  figures: 'by_machine',
  measure: 'defects',
  interim: { domain: 'upstream_history', column: 'EQUIPMENTNAME' },
  select: rowsOf('upstream_history', 'EQUIPMENTNAME'),
}
const LOSS_REASON: ChartKind = {
  key: 'lossReason',
  figures: 'by_loss_reason',
  measure: 'defects',
  select: (reason) => ({ kind: 'reason', reason }),
}
const MATERIAL: ChartKind = {
  key: 'material',
  figures: 'by_material',
  measure: 'defects',
  interim: { domain: 'materials', column: 'MATERIALPARTNAME' },
  select: materialRows,
}
const WAFER_ROOT: ChartKind = {
  key: 'waferRoot',
  figures: 'by_wafer_root',
  measure: 'defects',
  select: (name) => ({ kind: 'wafer', name }),
}
const DOWNSTREAM_REASON: ChartKind = {
  key: 'downstreamReason',
  figures: 'by_downstream_reason',
  measure: 'rejects',
  interim: { domain: 'downstream_rejects', column: 'LOSSREASONNAME' },
  select: rowsOf('downstream_rejects', 'LOSSREASONNAME'),
}
const SUSPECTS: ChartKind = {
  key: 'suspects',
  figures: '',
  measure: 'excess',
  select: (name) => (name.includes('(') ? materialRows(name) : MACHINE.select(name)),
}

export const CHARTS: Record<'backward' | 'forward', readonly ChartKind[]> = {
  backward: [SUSPECTS, STATION, MACHINE, LOSS_REASON, MATERIAL, WAFER_ROOT],
  forward: [
    { ...STATION, measure: 'rejects' },
    { ...MACHINE, measure: 'rejects' },
    LOSS_REASON,
    DOWNSTREAM_REASON,
  ],
}

/** Material lots are called `part (lot)`; before the figures are there, parts are counted. */
function materialRows(name: string): Selection {
  const [, part = name, lot] = /^(.*) \(([^()]*)\)$/.exec(name) ?? []
  return {
    kind: 'rows',
    domain: 'materials',
    filter: { MATERIALPARTNAME: [part], ...(lot === undefined ? {} : { MATERIALLOTNAME: [lot] }) },
  }
}

export function barsOf({ figures: name, key }: ChartKind, figures: DefectFigures): readonly Bar[] {
  return key === 'suspects' ? figures.suspects : (figures.charts[name] ?? [])
}

/** How many rows so far each value has; `null` where rows cannot tell. */
export function interimBars(
  { interim }: ChartKind,
  domains: Readonly<Record<string, RecordList | undefined>>,
): readonly Bar[] | null {
  const list = interim && domains[interim.domain]
  if (!list || list.loaded === 0) return null
  return [...list.column(interim.column).countBy()]
    .map(([name, value]) => ({ name: String(name), value, rate: null, lots: null, input: null }))
    .sort((a, b) => b.value - a.value)
}
