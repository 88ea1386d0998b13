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
