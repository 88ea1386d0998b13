import type { Clock, TraceSource } from '../mock-server/ports/index.js'
import type { WorkerDeath } from './createWorkerDeath.js'
import type { Scenario } from './Scenario.js'

/** Most rows shown at once: a slow factory is slow row by row, not in bursts. */
const ROWS_AT_ONCE = 100

/** A source that fails, waits or does not know as the scenario says. */
export function troubledSource(
  source: TraceSource,
  { failingDomains = [], lineageMs = 0, unknownValues = [], rowsPerSecond = Infinity }: Scenario,
  { clock, reach }: { clock: Clock } & Pick<WorkerDeath, 'reach'>,
): TraceSource {
  function failIfAsked(domain: string) {
    if (failingDomains.includes(domain)) {
      throw new Error(`The query of ${domain} fails, as the scenario says`)
    }
  }

  return {
    ...source,
    async resolveSeeds(query, options) {
      reach('seeds')
      options.signal.throwIfAborted()
      if (query.by !== 'values') return source.resolveSeeds(query, options)
      const values = query.values.filter((value) => !unknownValues.includes(value))
      if (values.length === 0) return { seeds: [], matched: [], next: null }
      return source.resolveSeeds({ ...query, values }, options)
    },
    async lineage(seedIds, direction, options) {
      reach('lineage')
      if (lineageMs > 0) await clock.sleep(lineageMs, options.signal)
      options.signal.throwIfAborted()
      return source.lineage(seedIds, direction, options)
    },
    async *events(domain, ids, options) {
      failIfAsked(domain)
      for await (const rows of source.events(domain, ids, options)) {
        for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
          const some = rows.slice(at, at + ROWS_AT_ONCE)
          if (rowsPerSecond < Infinity)
            await clock.sleep((some.length / rowsPerSecond) * 1000, options.signal)
          options.signal.throwIfAborted()
          yield some
          reach('events')
          options.signal.throwIfAborted()
        }
      }
    },
    async *rows(query, options) {
      failIfAsked(query.domain)
      for await (const { rows, next } of source.rows(query, options)) {
        if (rowsPerSecond < Infinity) await clock.sleep((rows.length / rowsPerSecond) * 1000, options.signal)
        options.signal.throwIfAborted()
        yield { rows, next }
        reach('events')
        options.signal.throwIfAborted()
      }
    },
  }
}
