/** A signal that can be aborted alone, and that aborts with its parent. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  /** Aborts this signal; its parent goes on. */
  abort: (reason?: unknown) => void
  /** Stops following the parent. To be called in the end: a parent may live as long as the page. */
  unlink: () => void
}

/**
 * A timeout or a lost connection ends one request by such a signal, and is never taken for an abort of the whole run.
 * (`AbortSignal.any` has no way to let go of its parents: each of a stream's many waits would leave a listener.)
 */
export function linkSignal(...parents: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController()
  function follow(this: AbortSignal) {
    controller.abort(this.reason)
  }
  for (const parent of parents) {
    parent?.addEventListener('abort', follow)
    if (parent?.aborted) follow.call(parent)
  }
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink() {
      for (const parent of parents) parent?.removeEventListener('abort', follow)
    },
  }
}

/** `promise`, or a rejection with `signal.reason` in the tick of the abort, whatever the promise does then. */
export function untilAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
