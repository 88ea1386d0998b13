import { compareText, percent, type ParetoEntry } from './paretoRows.js'
import type { DetectionLots } from './createDetectionLots.js'

/** Most suspects named. */
const MOST_SUSPECTS = 20

/** Sums by a trait of the lots themselves: of each lot its values, with the pieces lost for each. */
export function lotEntries(
  lots: DetectionLots,
  valuesOf: (lot: number) => Iterable<readonly [string, number]>,
): ParetoEntry[] {
  const entries = new Map<string, ParetoEntry>()
  for (let lot = 0; lot < lots.count; lot++) {
    for (const [name, defects] of valuesOf(lot)) {
      const entry = entries.get(name) ?? { name, lots: 0, input: 0, defects: 0 }
      entry.lots++
      entry.input += lots.inputs[lot]!
      entry.defects += defects
      entries.set(name, entry)
    }
  }
  return [...entries.values()]
}

/** Input and defects by day, in order. */
export function dailyTrend(lots: DetectionLots) {
  const days = lotEntries(lots, (lot) => [[lots.dates[lot]!, lots.defects[lot]!]])
  days.sort((a, b) => compareText(a.name, b.name))
  return days.map(({ name, input, defects }) => ({
    date: name,
    input_qty: input,
    defect_qty: defects,
    defect_rate: percent(defects, input),
  }))
}

/**
 * The values with most defects beyond what the mean rate explains. In a Pareto whatever every lot went through is on
 * top; here the machine that spoils them is.
 */
export function suspects(lots: DetectionLots, entries: Record<string, readonly ParetoEntry[]>) {
  const [all] = lotEntries(lots, (lot) => [['', lots.defects[lot]!]])
  if (!all || all.input === 0) return []
  const rate = all.defects / all.input
  const found = Object.entries(entries).flatMap(([dimension, list]) =>
    list.map((entry) => ({ dimension, entry, excess: Math.round(entry.defects - entry.input * rate) })),
  )
  return found
    .filter(({ excess }) => excess > 0)
    .sort((a, b) => b.excess - a.excess || compareText(a.entry.name, b.entry.name))
    .slice(0, MOST_SUSPECTS)
    .map(({ dimension, entry, excess }) => ({
      dimension,
      name: entry.name,
      lot_count: entry.lots,
      input_qty: entry.input,
      defect_qty: entry.defects,
      defect_rate: percent(entry.defects, entry.input),
      excess_qty: excess,
    }))
}
