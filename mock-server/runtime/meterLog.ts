import { isTerminal } from '../../src/protocol/index.js'
import type { Clock, ResultLog } from '../ports/index.js'
import type { JobMeter } from '../ports/JobMeter.js'

/** The same log, whose writers are counted by `meter`. */
export function meterLog(log: ResultLog, meter: JobMeter, clock: Pick<Clock, 'monotonic'>): ResultLog {
  return {
    ...log,
    async commit(...args) {
      const beganAtMs = clock.monotonic()
      await log.commit(...args)
      meter.committed(clock.monotonic() - beganAtMs)
    },
    async finish(jobId, lease, outcome) {
      // Without a lease it may have ended before; then this ends nothing.
      const before = lease === null ? await log.snapshot(jobId) : null
      await log.finish(jobId, lease, outcome)
      const hadEnded = before === 'expired' || (before !== null && isTerminal(before.state))
      if (!hadEnded) meter.ended(outcome.state)
    },
  }
}
