import { TraceError, type TraceErrorCode } from '../../errors.js'
import type { NetworkStatus } from '../ports/TraceEnvironment.js'
import type { TraceContext } from '../run/TraceContext.js'

/** Counts failures, and says how long to wait after each and when to give up. */
export interface RetryBudget {
  /**
   * Notes a failure and says how long to wait before the next try.
   *
   * @param place of the failure, in what can only be read from the start: a loss at the same place is permanent
   * @throws the error itself when trying again cannot help or what comes stays wrong; `RETRIES_EXHAUSTED`,
   *   with it as cause, when the connection stays bad
   */
  spend: (error: TraceError, place?: number) => number
  /** Something new has come: earlier failures no longer count. */
  refill: () => void
  /**
   * A good answer that says nothing new. A few in a row refill the budget; a single one between two failures does not,
   * or a server that fails every other time would be asked for ever.
   */
  noteAnswer: () => void
}

/** Good answers in a row that make up for the failures before them. */
const ANSWERS_TO_REFILL = 3

/** These codes name what is wrong, so they are reported as they are. */
const STREAM_FAULTS: ReadonlySet<TraceErrorCode> = new Set([
  'STREAM_TRUNCATED',
  'MALFORMED_LINE',
  'SEQUENCE_GAP',
  'COUNT_MISMATCH',
  'DOMAIN_MISSING',
  'JOB_MISMATCH',
])

/** Signs that the server has lost a part of the result. */
const LOSSES: ReadonlySet<TraceErrorCode> = new Set(['SEQUENCE_GAP', 'COUNT_MISMATCH', 'DOMAIN_MISSING'])

/** Whether something wrong came, rather than nothing. */
export function isContentFault({ code, status = 200 }: TraceError): boolean {
  return STREAM_FAULTS.has(code) || (code === 'UNEXPECTED_RESPONSE' && status < 300)
}

/**
 * What happens without a network; every other error came over one. A stream that is cut or silent had begun: if the
 * network is gone, the next request says so.
 */
const OUT_OF_REACH: ReadonlySet<TraceErrorCode> = new Set(['NETWORK_ERROR', 'REQUEST_TIMEOUT'])

/** Whether the network is the reason: the browser says that there is none, and no answer says otherwise. */
export function isOffline({ code, status }: TraceError, { environment }: { environment: NetworkStatus }) {
  return !environment.isOnline() && status === undefined && OUT_OF_REACH.has(code)
}

/** A wait of `ownMs`, or as long as the server asks for within the client's patience. */
export function waitAsAsked(
  askedMs: number | undefined,
  ownMs: number,
  { policy }: Pick<TraceContext, 'policy'>,
): number {
  return Math.max(ownMs, Math.min(askedMs ?? 0, policy.retryAfterMaxMs))
}

/** The wait after the `tries`th failure in a row, unless the server asks for another. */
export function backoffMs(
  tries: number,
  { policy, environment }: Pick<TraceContext, 'policy' | 'environment'>,
) {
  const longest = Math.min(policy.backoffMaxMs, policy.backoffMinMs * 2 ** (tries - 1))
  // Half of it is random, so that many pages do not come back at one moment.
  return (longest / 2) * (1 + environment.random())
}

export function createRetryBudget(context: TraceContext): RetryBudget {
  const { policy, environment } = context
  /** `failures` count towards giving up, `tries` lengthen the wait: without a network only the wait grows. */
  let failures = 0
  let tries = 0
  let goodAnswers = 0
  let lastLoss = ''

  function refill() {
    failures = tries = goodAnswers = 0
    lastLoss = ''
  }

  return {
    refill,
    spend(error, place) {
      const isFault = isContentFault(error)
      if (!isFault && !error.retryable) throw error
      goodAnswers = 0
      tries++
      if (!isOffline(error, context)) failures++
      const loss = place !== undefined && LOSSES.has(error.code) ? `${place} ${error.message}` : ''
      const isLost = loss !== '' && loss === lastLoss
      lastLoss = loss || lastLoss
      if (isLost || failures > (isFault ? policy.maxFaults : policy.maxFailures))
        throw givenUp(error, failures)
      const askedMs = error.retryAfterMs && error.retryAfterMs * (1 + 0.1 * environment.random())
      return waitAsAsked(askedMs, backoffMs(tries, context), context)
    },
    noteAnswer() {
      if (++goodAnswers >= ANSWERS_TO_REFILL) refill()
    },
  }
}

function givenUp(error: TraceError, failures: number): TraceError {
  const { line, status, retryAfterMs, details } = error
  return new TraceError(
    isContentFault(error) ? error.code : 'RETRIES_EXHAUSTED',
    `${error.message} (given up after ${failures} tries)`,
    { cause: error, line, status, retryAfterMs, details, retryable: true },
  )
}
