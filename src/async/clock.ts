/** Time as the code sees it, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since 1970, as the device's clock shows them; it may be set back or forward at any moment. */
  now: () => number
  /** Milliseconds since some moment: for durations within one process, since nothing can set it. */
  monotonic: () => number
  /** Resolves after `ms`. Rejects with `signal.reason` as soon as `signal` aborts, and leaves no timer. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
}

/** Longest time a timer can hold; a longer one is over at once. */
const LONGEST_MS = 2 ** 31 - 1

/** `Clock.sleep` by the machine's timers; an infinite `ms` ends only by an abort. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const timer = ms === Infinity ? undefined : setTimeout(wake, Math.min(ms, LONGEST_MS))
    function wake() {
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    function stop() {
      clearTimeout(timer)
      reject(signal!.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
