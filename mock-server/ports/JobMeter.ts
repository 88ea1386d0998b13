import type { JobState } from '../../src/protocol/index.js'

/** Counts what happens to jobs, for operators. */
export interface JobMeter {
  /** A commit took so long to be acknowledged. */
  committed: (tookMs: number) => void
  ended: (state: JobState) => void
}
