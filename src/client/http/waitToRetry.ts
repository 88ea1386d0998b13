import { linkSignal, untilAborted } from '../../async/abort.js'
import type { Clock } from '../../async/clock.js'
import type { TraceError } from '../../errors.js'
import type { NetworkStatus, PageVisibility } from '../ports/TraceEnvironment.js'
import type { RunContext, TraceContext } from '../run/TraceContext.js'
import type { TraceDelta } from '../run/TraceUpdate.js'
import { isOffline } from './createRetryBudget.js'

/** Says that something failed and will be tried again, and waits until then. */
export async function waitToRetry(error: TraceError, retryInMs: number, context: RunContext) {
  await context.report(waitingFor(error, retryInMs, context))
  await pause(retryInMs, context, error.retryAfterMs !== undefined)
}

/** Why the next try is not made at once. */
export function waitingFor(error: TraceError, retryInMs: number, context: TraceContext): TraceDelta {
  const isBusy = error.status === 429 || error.status === 503
  return waiting(isOffline(error, context) ? 'offline' : isBusy ? 'busy' : 'retry', error, retryInMs)
}

export function waiting(
  reason: Extract<TraceDelta, { type: 'waiting' }>['reason'],
  error: TraceError | null = null,
  retryInMs: number | null = null,
): TraceDelta {
  return { type: 'waiting', reason, error, retryInMs }
}

const WOKEN = Symbol('woken')

/**
 * Waits `ms`, or less: until the network comes back or the page is seen again.
 *
 * @param isFirm the server has asked for this wait: only an abort shortens it
 * @throws `signal.reason` at once on abort
 */
export async function pause(
  ms: number,
  { environment, signal }: { environment: Clock & NetworkStatus & PageVisibility; signal: AbortSignal },
  isFirm = false,
) {
  signal.throwIfAborted()
  const link = linkSignal(signal)
  const wake = () => link.abort(WOKEN)
  const wakeIfSeen = () => environment.isHidden() || wake()
  const stopListening = isFirm ? [] : [environment.onOnline(wake), environment.onVisibilityChange(wakeIfSeen)]
  try {
    await environment.sleep(ms, link.signal)
  } catch (reason) {
    if (reason !== WOKEN) throw reason
  } finally {
    for (const stop of stopListening) stop()
    link.unlink()
  }
}

/** Waits until the page can be seen. */
export async function untilVisible({
  environment,
  signal,
}: {
  environment: PageVisibility
  signal: AbortSignal
}) {
  let stop = () => {}
  const visible = new Promise<void>((resolve) => {
    stop = environment.onVisibilityChange(() => {
      if (!environment.isHidden()) resolve()
    })
    if (!environment.isHidden()) resolve()
  })
  try {
    await untilAborted(signal, visible)
  } finally {
    stop()
  }
}
