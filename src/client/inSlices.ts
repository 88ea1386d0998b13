import type { TraceContext } from './run/TraceContext.js'

/** Longest work without letting the page draw, in ms. */
const BUSY_MS = 6

/** Work after which the rest of the slice is left to others: what comes next begins one of its own. */
const LONG_MS = BUSY_MS / 2

/**
 * Runs `work` to its end, letting the page draw between its steps.
 *
 * @throws `signal.reason` on abort
 */
export async function inSlices<T>(
  work: Generator<void, T>,
  { environment, signal }: Pick<TraceContext, 'environment' | 'signal'>,
): Promise<T> {
  const begun = environment.monotonic()
  let since = begun
  let step = work.next()
  for (; !step.done; step = work.next()) {
    if (environment.monotonic() - since < BUSY_MS) continue
    await environment.sleep(0, signal)
    since = environment.monotonic()
  }
  // Between 10,000 seeds and the next request there are four such works, of less than a slice each: 39 ms in one task.
  if (environment.monotonic() - begun >= LONG_MS) await environment.sleep(0, signal)
  return step.value
}
