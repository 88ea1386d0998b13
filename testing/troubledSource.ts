import type { Clock, TraceSource } from '../mock-server/ports/index.js'
import type { Scenario } from './Scenario.js'

/** Most rows shown at once: a slow factory is slow row by row, not in bursts. */
const ROWS_AT_ONCE = 100

/** A source with events that fail or wait as the scenario says. */
export function troubledSource(
  source: TraceSource,
  { failingDomains = [], rowsPerSecond = Infinity }: Scenario,
  clock: Clock,
): TraceSource {
  return {
    ...source,
    async *events(domain, ids, options) {
      if (failingDomains.includes(domain))
        throw new Error(`The query of ${domain} fails, as the scenario says`)
      for await (const rows of source.events(domain, ids, options)) {
        for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
          const some = rows.slice(at, at + ROWS_AT_ONCE)
          if (rowsPerSecond < Infinity)
            await clock.sleep((some.length / rowsPerSecond) * 1000, options.signal)
          options.signal.throwIfAborted()
          yield some
        }
      }
    },
  }
}
