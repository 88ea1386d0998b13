import { TraceError, type TraceErrorCode } from '../errors.js'
import type { TraceContext } from './TraceContext.js'

/** How often in a row something may fail. */
export interface RetryBudget {
  /**
   * Notes a failure and says how long to wait before the next try.
   *
   * @throws the error itself when trying again cannot help or what comes stays wrong; `RETRIES_EXHAUSTED`,
   *   with it as cause, when the connection stays bad
   */
  spend: (error: TraceError) => number
  /** Something new has come: the failures before it count no more. */
  refill: () => void
}

/** They name what is wrong, so they are reported as they are. */
const STREAM_FAULTS: ReadonlySet<TraceErrorCode> = new Set([
  'STREAM_TRUNCATED',
  'MALFORMED_LINE',
  'SEQUENCE_GAP',
  'COUNT_MISMATCH',
  'DOMAIN_MISSING',
])

/** Whether what came is wrong, rather than that nothing came. */
export function isContentFault({ code, status = 200 }: TraceError): boolean {
  return STREAM_FAULTS.has(code) || (code === 'UNEXPECTED_RESPONSE' && status < 300)
}

export function createRetryBudget({ policy, environment }: TraceContext): RetryBudget {
  let failures = 0
  return {
    spend(error) {
      const isFault = isContentFault(error)
      if (!isFault && !error.retryable) throw error
      // Without a network nothing was tried.
      if (environment.isOnline()) failures++
      if (failures > (isFault ? policy.maxFaults : policy.maxFailures)) throw givenUp(error, failures)
      return delayMs(error.retryAfterMs)
    },
    refill() {
      failures = 0
    },
  }

  function delayMs(askedMs: number | undefined): number {
    if (askedMs !== undefined) return askedMs * (1 + 0.1 * environment.random())
    const longest = Math.min(policy.backoffMaxMs, policy.backoffMinMs * 2 ** Math.max(0, failures - 1))
    // Half of it by chance, so that many pages do not come back in one moment.
    return (longest / 2) * (1 + environment.random())
  }
}

function givenUp(error: TraceError, failures: number): TraceError {
  const { line, status, retryAfterMs, details } = error
  return new TraceError(
    isContentFault(error) ? error.code : 'RETRIES_EXHAUSTED',
    `${error.message} (given up after ${failures} tries in a row)`,
    { cause: error, line, status, retryAfterMs, details, retryable: true },
  )
}
