/** One way from a response to rows. */
export interface Way {
  /** What a page has done before it asks for the stream; not in the time. */
  prepare?: () => Promise<void>
  run: (url: string, progress: (rows: number) => void) => Promise<Result>
}

/** Rows by domain, in whatever form the way keeps them; `null` from a way that throws them away. */
export type Result = Record<string, BenchRows> | null

export interface BenchRows {
  length: number
  at: (i: number) => Record<string, unknown>
  /** Sum of `TRACKOUTQTY` by `WORKCENTERNAME`, as a page that uses this way would do it. */
  sum: () => Map<unknown, number>
}

/** Rows in an array, and in arrays of batches. */
export function arrayRows(rows: Record<string, unknown>[]): BenchRows {
  return {
    length: rows.length,
    at: (i) => rows[i]!,
    sum() {
      const sums = new Map<unknown, number>()
      for (const row of rows) {
        const group = row.WORKCENTERNAME
        sums.set(group, (sums.get(group) ?? 0) + ((row.TRACKOUTQTY as number | undefined) ?? 0))
      }
      return sums
    },
  }
}

/** The lines of a trace stream, as much of them as the ways look at. */
export interface Line {
  type: string
  domain: string
  data: Record<string, unknown>[]
}

/** Takes parsed lines one by one. */
export function createCollector(progress: (rows: number) => void) {
  const domains: Record<string, Record<string, unknown>[]> = {}
  let rows = 0
  return {
    take(line: Line) {
      if (line.type === 'domain_start') domains[line.domain] = []
      if (line.type !== 'records') return
      const all = domains[line.domain]!
      // Not push(...data): that overflows the stack for large batches.
      for (const row of line.data) all.push(row)
      rows += line.data.length
      progress(rows)
    },
    result: (): Result =>
      Object.fromEntries(Object.entries(domains).map(([domain, all]) => [domain, arrayRows(all)])),
  }
}
