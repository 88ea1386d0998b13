/** An abort of its own that also follows a parent's. */
export interface SignalLink {
  readonly signal: AbortSignal
  abort: (reason: unknown) => void
  /** Stops following the parent. */
  unlink: () => void
}

/**
 * A signal that aborts with `parent`, or alone: so that a timeout or a lost connection ends one request
 * and is never taken for an abort of the run. (`AbortSignal.any` has no way to let go of its parents.)
 */
export function linkSignal(parent: AbortSignal): SignalLink {
  const controller = new AbortController()
  const follow = () => controller.abort(parent.reason)
  if (parent.aborted) follow()
  else parent.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => parent.removeEventListener('abort', follow),
  }
}
