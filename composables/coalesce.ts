import type { Clock } from '../src/async/clock.js'

/** Shortest time between two publications: a person cannot tell shorter ones apart, and rendering more costs. */
const FRAME_MS = 50

/** Publishes many small changes as few. */
export interface Coalescer {
  /**
   * Publishes once, in a task of its own: at once or, soon after another publication, a little later. Published in the
   * task that brings the first rows, the table made for them makes that task a third longer.
   */
  soon: () => void
  /** Publishes now, instead of later. */
  now: () => void
  /** Drops a publication that is due later. */
  stop: () => void
}

/** A stream of 456 batches in two seconds becomes 40 renderings instead of 456; the last is always shown. */
export function createCoalescer(publish: () => void, clock: Clock): Coalescer {
  let publishedAt = -Infinity
  let timer: AbortController | null = null

  function stop() {
    timer?.abort()
    timer = null
  }

  function now() {
    stop()
    publishedAt = clock.monotonic()
    publish()
  }

  return {
    now,
    stop,
    soon() {
      if (timer) return
      timer = new AbortController()
      const waitMs = Math.max(0, publishedAt + FRAME_MS - clock.monotonic())
      clock.sleep(waitMs, timer.signal).then(now, () => {})
    },
  }
}
