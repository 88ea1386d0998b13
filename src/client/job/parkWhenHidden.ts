import { linkSignal, type LinkedSignal } from '../../async/abort.js'
import type { TraceContext } from '../run/TraceContext.js'

/** Why a hidden tab's connection was given back. */
export const PARKED = Symbol('parked')

/**
 * Aborts `link` with `PARKED` when the page has been hidden for `hiddenGraceMs`: browsers allow six
 * connections per origin, and a page that nobody sees needs none of them.
 *
 * @returns stops watching
 */
export function parkWhenHidden(link: LinkedSignal, { environment, policy }: TraceContext): () => void {
  let timer: LinkedSignal | null = null

  function stopTimer() {
    timer?.abort()
    timer?.unlink()
    timer = null
  }

  function look() {
    if (!environment.isHidden()) return stopTimer()
    if (timer) return
    timer = linkSignal(link.signal)
    environment.sleep(policy.hiddenGraceMs, timer.signal).then(
      () => link.abort(PARKED),
      () => {},
    )
  }

  const stopListening = environment.onVisibilityChange(look)
  look()
  return () => {
    stopListening()
    stopTimer()
  }
}
