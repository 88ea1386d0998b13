import type { TraceContext } from './TraceContext.js'

/** Longest work without letting the page draw, in ms. */
const BUSY_MS = 6

/**
 * Runs `work` to its end, letting the page draw between its steps.
 *
 * @throws `signal.reason` on abort
 */
export async function inSlices<T>(
  work: Generator<void, T>,
  { environment, signal }: Pick<TraceContext, 'environment' | 'signal'>,
): Promise<T> {
  let since = environment.now()
  let isLong = false
  let step = work.next()
  for (; !step.done; step = work.next()) {
    if (environment.now() - since < BUSY_MS) continue
    await environment.sleep(0, signal)
    isLong = true
    since = environment.now()
  }
  // Whoever needed pauses has made something large, and what comes next has work with it.
  if (isLong) await environment.sleep(0, signal)
  return step.value
}
