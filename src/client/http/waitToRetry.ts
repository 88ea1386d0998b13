import type { TraceError } from '../../errors.js'
import { isOffline } from './createRetryBudget.js'
import { pause } from './pause.js'
import type { TraceContext } from '../run/TraceContext.js'
import type { TraceDelta, TraceStep } from '../run/TraceUpdate.js'

/** Says that something failed and will be tried again, and waits until then. */
export async function* waitToRetry(
  error: TraceError,
  retryInMs: number,
  context: TraceContext,
): AsyncGenerator<TraceStep, void> {
  yield waitingFor(error, retryInMs, context)
  await pause(retryInMs, context, error.retryAfterMs !== undefined)
}

/** Why the next try is not made at once. */
export function waitingFor(error: TraceError, retryInMs: number, context: TraceContext): TraceStep {
  const isBusy = error.status === 429 || error.status === 503
  return waiting(isOffline(error, context) ? 'offline' : isBusy ? 'busy' : 'retry', error, retryInMs)
}

export function waiting(
  reason: Extract<TraceDelta, { type: 'waiting' }>['reason'],
  error: TraceError | null = null,
  retryInMs: number | null = null,
): TraceStep {
  return { delta: { type: 'waiting', reason, error, retryInMs } }
}
