import type { TraceEnvironment } from '../src/client/index.js'

/** Shortest time between two publications: what a person can tell apart, and little enough to render. */
const FRAME_MS = 50

/** Lets many small changes be seen as few. */
export interface Coalescer {
  /** Publishes at once, or, soon after another publication, a little later and only once. */
  soon: () => void
  /** Publishes now, in place of what was to come. */
  now: () => void
  /** Drops what was to come. */
  stop: () => void
}

/** A stream of 456 batches in two seconds becomes 40 renderings instead of 456; the last is always shown. */
export function createCoalescer(publish: () => void, environment: TraceEnvironment): Coalescer {
  let publishedAt = -Infinity
  let timer: AbortController | null = null

  function stop() {
    timer?.abort()
    timer = null
  }

  function now() {
    stop()
    publishedAt = environment.now()
    publish()
  }

  return {
    now,
    stop,
    soon() {
      if (timer) return
      const waitMs = publishedAt + FRAME_MS - environment.now()
      if (!(waitMs > 0)) return now()
      timer = new AbortController()
      environment.sleep(waitMs, timer.signal).then(now, () => {})
    },
  }
}
