import type { Direction } from '../../../src/protocol/index.js'
import { DIMENSIONS, type Dimension, type ValueIndex } from './createValueIndex.js'
import type { ValueSums } from './joinLots.js'
import { dailyTrend, lotEntries, suspects } from './lotStatistics.js'
import { compareText, paretoRows, percent, type ParetoEntry } from './paretoRows.js'
import { reasonLines, reasonsOf, type DetectionLots } from './createDetectionLots.js'

/** Everything the answer is written from. */
export interface DefectFacts {
  direction: Direction
  lots: DetectionLots
  /** Name of each lot's root; `undefined` where none was given. */
  roots: readonly (string | undefined)[]
  /** Whether the lineage said anything. */
  hasLineage: boolean
  values: ValueIndex
  sums: ValueSums
  /** Pieces rejected in CIDs that any lot reaches. */
  downstreamRejects: number
}

/** The wire's `aggregation` object (CONTRACT section 3). */
export function describeDefects(facts: DefectFacts): Record<string, unknown> {
  const { lots, roots } = facts
  const isBackward = facts.direction === 'backward'
  const entries = entriesByDimension(facts)
  const byReason = lotEntries(lots, (lot) => reasonsOf(lots, lot))
  const byRoot = lotEntries(lots, (lot) =>
    roots[lot] === undefined ? [] : [[roots[lot], lots.defects[lot]!]],
  )
  return {
    kpi: isBackward ? backwardKpi(lots, byReason, entries.machine) : forwardKpi(facts, entries.station),
    charts: {
      by_station: paretoRows(entries.station),
      by_machine: paretoRows(entries.machine),
      by_loss_reason: paretoRows(byReason),
      by_material: paretoRows(entries.material),
      ...(isBackward
        ? { by_wafer_root: paretoRows(byRoot) }
        : { by_downstream_reason: paretoRows(entries.downstream_reason) }),
    },
    daily_trend: dailyTrend(lots),
    available_loss_reasons: [...lots.allReasons].sort(mostFirst).map(([reason]) => reason),
    genealogy_status: facts.hasLineage || lots.count === 0 ? 'ready' : 'error',
    detail_total_count: reasonLines(lots),
    attribution: isBackward
      ? suspects(lots, { machine: entries.machine, material: entries.material, wafer_root: byRoot })
      : [],
  }
}

function entriesByDimension({ direction, values, sums }: DefectFacts): Record<Dimension, ParetoEntry[]> {
  const entries = Object.fromEntries(DIMENSIONS.map((name) => [name, [] as ParetoEntry[]])) as Record<
    Dimension,
    ParetoEntry[]
  >
  for (let value = 0; value < values.size; value++) {
    if (sums.lots[value] === 0) continue
    entries[values.dimensionOf(value)].push({
      name: values.nameOf(value),
      lots: sums.lots[value]!,
      input: sums.inputs[value]!,
      defects: sums.defects[value]!,
      ...(direction === 'forward' && { rejects: sums.rejects[value]! }),
    })
  }
  return entries
}

function backwardKpi(lots: DetectionLots, byReason: ParetoEntry[], machines: ParetoEntry[]) {
  const input = sum(lots.inputs)
  const defects = sum(lots.defects)
  return {
    total_input: input,
    lot_count: lots.count,
    defective_lot_count: lots.defects.filter((qty) => qty > 0).length,
    total_defect_qty: defects,
    total_defect_rate: percent(defects, input),
    top_loss_reason: paretoRows(byReason)[0]?.name ?? null,
    affected_machine_count: machines.filter((machine) => machine.defects > 0).length,
  }
}

function forwardKpi({ lots, sums, downstreamRejects }: DefectFacts, stations: ParetoEntry[]) {
  return {
    detection_lot_count: lots.count,
    detection_defect_qty: sum(lots.defects),
    tracked_lot_count: sum(sums.reached),
    downstream_stations_reached: stations.length,
    downstream_total_reject: downstreamRejects,
    downstream_reject_rate: percent(downstreamRejects, sum(lots.inputs)),
  }
}

function mostFirst([a, aQty]: [string, number], [b, bQty]: [string, number]): number {
  return bQty - aQty || compareText(a, b)
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
