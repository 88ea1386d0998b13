import { isTerminal, type JobPhase, type WireProgress } from '../../../src/protocol/index.js'
import type { JobSnapshot } from '../../ports/index.js'

/** Below this share of the work the time left is a guess, and not told. */
const LEAST_FRACTION_FOR_ETA = 0.02

/** How far a job is, in the wire's words. What is unknown is `null`, never invented. */
export function describeProgress(
  job: JobSnapshot,
  nowMs: number,
  queuePosition: number | null,
): WireProgress {
  const phase = phaseOf(job)
  const fraction = fractionOf(job)
  const seconds = job.startedAtMs === null ? 0 : ((job.completedAtMs ?? nowMs) - job.startedAtMs) / 1000
  const canEstimate = phase === 'fetching' && fraction !== null && fraction >= LEAST_FRACTION_FOR_ETA
  return {
    phase,
    domain: job.currentDomain,
    cids_done: job.currentDomain === null && job.state !== 'completed' ? null : job.cidsDone,
    cids_total: job.cidCount,
    rows: job.rows,
    bytes: job.textBytes,
    fraction,
    rows_per_second: seconds > 0 ? Math.round(job.rows / seconds) : null,
    eta_seconds: canEstimate ? Math.ceil((seconds / fraction) * (1 - fraction)) : null,
    queue_position: queuePosition,
    attempt: job.attempt,
  }
}

function phaseOf({ state, phase, cancelRequested }: JobSnapshot): JobPhase {
  if (isTerminal(state)) return 'done'
  return cancelRequested ? 'cancelling' : phase
}

/** The share of (domain, CID) pairs fetched: all domains are taken to be equally long. */
function fractionOf({
  state,
  domains,
  checkpoint,
  cidCount,
  cidsDone,
  startedAtMs,
}: JobSnapshot): number | null {
  if (state === 'completed') return 1
  if (startedAtMs === null || domains.length === 0 || cidCount === 0) return null
  const ofDomain = checkpoint.domainIndex < domains.length ? cidsDone / cidCount : 0
  return Math.min(1, (checkpoint.domainIndex + ofDomain) / domains.length)
}
