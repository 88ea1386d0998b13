import { linkSignal, untilAborted } from '../../async/abort.js'
import type { TraceContext } from '../run/TraceContext.js'

const WOKEN = Symbol('woken')

/**
 * Waits `ms`, or less: until the network comes back or the page is seen again.
 *
 * @param isFirm the server has asked for this wait: nothing but an abort shortens it
 * @throws `signal.reason` at once on abort
 */
export async function pause(ms: number, { environment, signal }: TraceContext, isFirm = false) {
  signal.throwIfAborted()
  const link = linkSignal(signal)
  const wake = () => link.abort(WOKEN)
  const stopListening = [
    environment.onOnline(() => {
      if (!isFirm) wake()
    }),
    environment.onVisibilityChange(() => {
      if (!isFirm && !environment.isHidden()) wake()
    }),
  ]
  try {
    await environment.sleep(ms, link.signal)
  } catch (reason) {
    if (reason !== WOKEN) throw reason
  } finally {
    for (const stop of stopListening) stop()
    link.unlink()
  }
}

/** Waits until the page can be seen. */
export async function untilVisible({ environment, signal }: TraceContext) {
  let stop = () => {}
  const visible = new Promise<void>((resolve) => {
    stop = environment.onVisibilityChange(() => {
      if (!environment.isHidden()) resolve()
    })
    if (!environment.isHidden()) resolve()
  })
  try {
    await untilAborted(signal, visible)
  } finally {
    stop()
  }
}
