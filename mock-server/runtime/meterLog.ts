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
    async leave(jobId, ticket) {
      const before = await log.snapshot(jobId)
      const answer = await log.leave(jobId, ticket)
      // A job that no worker has begun ends here; a running one is ended, and counted, by its worker.
      const isWaiting = before !== null && before !== 'expired' && before.state === 'queued'
      if (answer === 'cancelled' && isWaiting) {
        const after = await log.snapshot(jobId)
        if (after !== null && after !== 'expired' && after.attempt === before.attempt)
          meter.ended('cancelled')
      }
      return answer
    },
  }
}
