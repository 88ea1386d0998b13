/** Time as the services see it, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch, as the machine's clock has it; it may be set back or forward at any moment. */
  now: () => number
  /** Milliseconds since some moment: for durations inside one process, since nobody can set it. */
  monotonic: () => number
  /** Resolves after `ms`, or at once (never rejecting) when `signal` aborts; look at the signal afterwards. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}
