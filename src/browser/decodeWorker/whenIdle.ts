/** How long a page that is never idle is waited for, in ms. */
const AT_LATEST_MS = 100

/** Calls `then` when the page has drawn and has time to spare; at once where nobody sees it, or it cannot tell. */
export function whenIdle(then: () => void) {
  if (typeof requestIdleCallback !== 'function' || document.visibilityState === 'hidden') then()
  else requestIdleCallback(then, { timeout: AT_LATEST_MS })
}
