/** The client's patience. All times in milliseconds. */
export interface TracePolicy {
  /** For one stage's answer: default 360 s. */
  stageTimeoutMs: number
  /**
   * A stage that is refused (429, 503) is asked again by itself when the server asks for a wait of at most so long:
   * default 30 s. Up to a third is added by chance.
   */
  stageWaitMs: number
  /** Longest such waits of one run together: default 60 s. */
  stageWaitsMs: number
  /** For one status answer, and for cancelling: default 15 s. */
  statusTimeoutMs: number
  /** Longest wait for bytes of a stream: default 30 s. */
  silenceMs: number
  /** How long a stream may stay open after its `complete` line: default 2 s. */
  endGraceMs: number
  /** Between two polls when the server does not say: grows from 500 to 3,000. */
  pollMinMs: number
  pollMaxMs: number
  /** How long a job may be in an unknown state before it is given up: default 60 s. */
  unknownStateMs: number
  /** After so long without news a job is said to be silent: default 30 min, the longest time of a job. */
  jobSilenceMs: number
  /** Polls of a hidden tab are this many times rarer: default 5. */
  hiddenPollFactor: number
  /** A tab hidden for this long gives its followed stream back until it is seen: default 30 s. */
  hiddenGraceMs: number
  /** Between two tries after a failure: doubles from 500 to 10,000. */
  backoffMinMs: number
  backoffMaxMs: number
  /** Longest wait that a server's `Retry-After` can ask for: default 5 min. */
  retryAfterMaxMs: number
  /** Failures without anything new in between, before giving up: default 8. */
  maxFailures: number
  /** The same for streams that are cut or wrong, which seldom heal by waiting: default 4. */
  maxFaults: number
  /** How often a job's log may begin anew while it is read: default 10. */
  maxResets: number
  /** How often a broken synchronous stream is asked for again from the start: default 2. */
  maxRestarts: number
  /** Rows per page where a server has pages only: default 20,000. */
  pageRows: number
}

export const DEFAULT_POLICY: Readonly<TracePolicy> = Object.freeze({
  stageTimeoutMs: 360_000,
  stageWaitMs: 30_000,
  stageWaitsMs: 60_000,
  statusTimeoutMs: 15_000,
  silenceMs: 30_000,
  endGraceMs: 2_000,
  pollMinMs: 500,
  pollMaxMs: 3_000,
  unknownStateMs: 60_000,
  jobSilenceMs: 1_800_000,
  hiddenPollFactor: 5,
  hiddenGraceMs: 30_000,
  backoffMinMs: 500,
  backoffMaxMs: 10_000,
  retryAfterMaxMs: 300_000,
  maxFailures: 8,
  maxFaults: 4,
  maxResets: 10,
  maxRestarts: 2,
  pageRows: 20_000,
})
