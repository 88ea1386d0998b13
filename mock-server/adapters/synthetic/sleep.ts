/** Resolves after `ms` (never, if infinite), or rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    const timer = Number.isFinite(ms) ? setTimeout(finish, ms) : undefined
    function stop() {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    function finish() {
      signal.removeEventListener('abort', stop)
      resolve()
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** Longest work between two pages of an answer without letting others have the thread, in ms. */
const BUSY_MS = 8

/**
 * For loops that may be long: gives something to wait for when others who share the thread should have a turn. Ids of a
 * thousand families, which are made one by one, are seconds of work.
 */
export function createBreather(signal: AbortSignal): () => Promise<void> | undefined {
  let sinceMs = performance.now()
  return () => {
    if (performance.now() - sinceMs < BUSY_MS) return undefined
    return sleep(0, signal).then(() => {
      sinceMs = performance.now()
    })
  }
}
