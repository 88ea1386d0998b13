/** Why the others may stop; a reason made for each wait would cost more than the wait. */
const OVER = new Error('Something else came first')

/**
 * Waits for the first of several promises and then tells the others to stop, or for the first of `signals`.
 * (`AbortSignal.any` on a signal that lives as long as a stream would gather a listener per wait.)
 */
export async function waitUntil(
  begin: (until: AbortSignal) => Promise<unknown>[],
  signals: readonly (AbortSignal | undefined)[],
): Promise<void> {
  const controller = new AbortController()
  const stop = () => controller.abort(OVER)
  for (const signal of signals) {
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
  }
  try {
    await Promise.race(begin(controller.signal))
  } finally {
    stop()
    for (const signal of signals) signal?.removeEventListener('abort', stop)
  }
}
