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
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    if (environment.now() - since < BUSY_MS) continue
    await environment.sleep(0, signal)
    since = environment.now()
  }
}
