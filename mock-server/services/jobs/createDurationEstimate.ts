import type { JobSnapshot } from '../../ports/index.js'

/** How fast jobs have been, to tell how long the next will take. */
export interface DurationEstimate {
  /** Takes a look at a job that may have completed. */
  observe: (job: JobSnapshot) => void
  /** Seconds a job is likely to take; `null` before any was seen to complete. */
  estimate: (cidCount: number, domainCount: number) => number | null
}

/** Weight of the newest job against all before it. */
const NEWEST = 0.5
/** Shorter jobs tell more of start-up than of speed. */
const LEAST_MS = 500

/** Keeps a moving average of the time per CID and domain. */
export function createDurationEstimate(): DurationEstimate {
  let msPerCid: number | null = null
  let lastJobId = ''

  return {
    observe({ jobId, state, cidCount, domains, startedAtMs, completedAtMs }) {
      if (state !== 'completed' || jobId === lastJobId || startedAtMs === null || completedAtMs === null)
        return
      const tookMs = completedAtMs - startedAtMs
      if (tookMs < LEAST_MS) return
      lastJobId = jobId
      const now = tookMs / (cidCount * domains.length)
      msPerCid = msPerCid === null ? now : msPerCid * (1 - NEWEST) + now * NEWEST
    },
    estimate(cidCount, domainCount) {
      return msPerCid === null ? null : Math.ceil((msPerCid * cidCount * domainCount) / 1000)
    },
  }
}
