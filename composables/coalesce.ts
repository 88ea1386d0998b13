import type { Clock } from '../src/async/clock.js'

/** Shortest time between two publications: what a person can tell apart, and little enough to render. */
const FRAME_MS = 50

/** Lets many small changes be seen as few. */
export interface Coalescer {
  /**
   * Publishes in a task of its own, at once or, soon after another publication, a little later, and only once: with what
   * brought the change in one task, a table made for the first rows is a third longer.
   */
  soon: () => void
  /** Publishes now, in place of what was to come. */
  now: () => void
  /** Drops what was to come. */
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
