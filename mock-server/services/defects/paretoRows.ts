/** What one bar of a chart is drawn from. */
export interface ParetoEntry {
  name: string
  lots: number
  input: number
  defects: number
  /** Pieces rejected downstream; only forward. */
  rejects?: number
}

/** Longest chart. A material has thousands of lots, and the tail of a Pareto tells nothing. */
const MOST_ROWS = 200

/**
 * A chart's rows as the wire has them, most of what the chart is about first: rejects where they are counted, else
 * defects. Equal ones by rate, then by name. `cumulative_pct` is the share of the sum over all values: values overlap,
 * since a lot has many machines behind it.
 */
export function paretoRows(entries: readonly ParetoEntry[]) {
  let total = 0
  for (const entry of entries) total += shownOf(entry)
  const ranked = [...entries].sort(
    (a, b) => shownOf(b) - shownOf(a) || a.input - b.input || compareText(a.name, b.name),
  )
  let sum = 0
  return ranked.slice(0, MOST_ROWS).map((entry) => {
    const { name, lots, input, defects, rejects } = entry
    sum += shownOf(entry)
    return {
      name,
      input_qty: input,
      defect_qty: defects,
      defect_rate: percent(defects, input),
      lot_count: lots,
      cumulative_pct: percent(sum, total),
      ...(rejects !== undefined && { reject_qty: rejects, reject_rate: percent(rejects, input) }),
    }
  })
}

function shownOf({ defects, rejects }: ParetoEntry): number {
  return rejects ?? defects
}

/** `part` of `whole` in per cent, to four decimals; 0 of nothing. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1_000_000) / 10_000
}

/** By code units, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
