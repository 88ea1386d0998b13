import type { TraceError } from '../errors.js'
import { pause } from './pause.js'
import type { TraceContext } from './TraceContext.js'
import type { TraceDelta, TraceStep } from './TraceUpdate.js'

/** Says that something failed and will be tried again, and waits until then. */
export async function* waitToRetry(
  error: TraceError,
  retryInMs: number,
  context: TraceContext,
): AsyncGenerator<TraceStep, void> {
  yield waiting(context.environment.isOnline() ? 'retry' : 'offline', error, retryInMs)
  await pause(retryInMs, context, error.retryAfterMs !== undefined)
}

export function waiting(
  reason: Extract<TraceDelta, { type: 'waiting' }>['reason'],
  error: TraceError | null = null,
  retryInMs: number | null = null,
): TraceStep {
  return { delta: { type: 'waiting', reason, error, retryInMs } }
}
