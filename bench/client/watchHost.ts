import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** A run judged by its tasks alone in which the host took more of the processors is done again, whatever came of it. */
export const MAX_STOLEN_SHARE = 0.02

/** Linux counts in these, whatever the kernel's own clock. */
const TICK_MS = 10

/** Watches what share of the processors the host takes for others: 0 on a machine of one's own. */
export function watchHost(): { stolenShare: () => number } {
  const start = performance.now()
  const before = stolenTicks()
  return {
    stolenShare: () => ((stolenTicks() - before) * TICK_MS) / ((performance.now() - start) * cpus().length),
  }
}

function stolenTicks(): number {
  return Number(readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/)[8])
}
