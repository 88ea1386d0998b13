import type { Clock, TraceSource } from '../mock-server/ports/index.js'

/** Most rows shown at once: a slow factory is slow row by row, not in bursts. */
const ROWS_AT_ONCE = 100

/** A source that gives its event rows no faster than `rowsPerSecond`. */
export function slowSource(source: TraceSource, rowsPerSecond: number, clock: Clock): TraceSource {
  return {
    ...source,
    async *events(domain, ids, options) {
      for await (const rows of source.events(domain, ids, options)) {
        for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
          const some = rows.slice(at, at + ROWS_AT_ONCE)
          await clock.sleep((some.length / rowsPerSecond) * 1000, options.signal)
          options.signal.throwIfAborted()
          yield some
        }
      }
    },
  }
}
