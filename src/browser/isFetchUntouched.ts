const NATIVE = /^function fetch\(\)\s*\{\s*\[native code\]\s*\}$/

/**
 * Whether a request of a worker goes the way the page's would: the page's `fetch` is the browser's own, and no service
 * worker (MSW's is one) answers for the server.
 */
export function isFetchUntouched(): boolean {
  try {
    return (
      NATIVE.test(Function.prototype.toString.call(globalThis.fetch)) &&
      !globalThis.navigator?.serviceWorker?.controller
    )
  } catch {
    // In a sandboxed frame, asking for the service worker is an error.
    return false
  }
}
