import type { Clock } from '../ports/index.js'

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Lets `ms` pass: sleepers due by then wake in order, each with the time it is due. */
  advance: (ms: number) => Promise<void>
  /** Sets the machine's clock, not the time that passes: forward, or back. */
  set: (byMs: number) => void
  /** How many are asleep. */
  sleepers: () => number
}

/** @param startMs the time at first; default noon of 2026-06-01, UTC */
export function createManualClock(startMs = Date.UTC(2026, 5, 1, 12)): ManualClock {
  let now = startMs
  let setByMs = 0
  const sleepers = new Set<{ dueMs: number; wake: () => void }>()

  /** Lets everything run that only waits for promises. */
  async function settle() {
    await new Promise((resolve) => setTimeout(resolve))
  }

  return {
    now: () => now + setByMs,
    monotonic: () => now,
    set: (byMs) => void (setByMs += byMs),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        if (ms <= 0) return resolve()
        const sleeper = {
          dueMs: now + ms,
          wake() {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', stop)
            resolve()
          },
        }
        function stop() {
          sleepers.delete(sleeper)
          reject(signal!.reason)
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', stop, { once: true })
      }),
    async advance(ms) {
      const untilMs = now + ms
      await settle()
      for (;;) {
        const [next] = [...sleepers].sort((a, b) => a.dueMs - b.dueMs)
        if (!next || next.dueMs > untilMs) break
        now = next.dueMs
        next.wake()
        await settle()
      }
      now = untilMs
    },
    sleepers: () => sleepers.size,
  }
}
