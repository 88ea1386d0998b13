import { toTraceError } from '../../errors.js'
import type { Stage } from '../../protocol/index.js'
import { backoffMs, waitAsAsked } from '../http/createRetryBudget.js'
import { waitToRetry } from '../http/waitToRetry.js'
import type { RunContext } from '../run/TraceContext.js'

/** Asks one of a run's own questions, and asks it again where that is sure to be right. */
export type StageRetry = <T>(stage: Stage, ask: () => Promise<T>) => Promise<T>

/**
 * A server closes connections that have been idle, and may do so just when the next request is on its way. Such a
 * request fails at once; one that fails later has been at work, perhaps for minutes.
 */
const STALE_CONNECTION_MS = 5_000

/**
 * For the stages of one run. A request that hits a connection that has just been closed is sent again, once. When a
 * busy server (429, 503) says when to come back, and that is soon, the stage waits: a person would do the same.
 *
 * @throws {TraceError} what `ask` throws, when neither is so
 */
export function createStageRetry(context: RunContext): StageRetry {
  const { environment, policy, signal } = context
  let waitedMs = 0

  return async function (stage, ask) {
    let isResent = false
    for (let tries = 1; ; tries++) {
      const askedAt = environment.monotonic()
      try {
        return await ask()
      } catch (cause) {
        signal.throwIfAborted()
        const error = toTraceError(cause)
        const { code, status, retryAfterMs } = error
        const isStale = code === 'NETWORK_ERROR' && environment.monotonic() - askedAt < STALE_CONNECTION_MS
        if (isStale && !isResent) {
          isResent = true
          continue
        }
        const isBusy = status === 429 || status === 503
        if (!isBusy || retryAfterMs === undefined || retryAfterMs > policy.stageWaitMs) throw error
        // Up to a third is added at random: many pages were sent away at the same moment.
        const askedMs = retryAfterMs * (1 + environment.random() / 3)
        const waitMs = waitAsAsked(askedMs, backoffMs(tries, context), context)
        waitedMs += waitMs
        if (waitedMs > policy.stageWaitsMs) throw error
        await waitToRetry(error, waitMs, context)
        // Tells the reader that the wait is over: the answer may take minutes.
        await context.report({ type: 'stage-started', stage })
      }
    }
  }
}
