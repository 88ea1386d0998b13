/** Time as the services see it, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now: () => number
  /** Resolves after `ms`, or at once (never rejecting) when `signal` aborts; look at the signal afterwards. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}
