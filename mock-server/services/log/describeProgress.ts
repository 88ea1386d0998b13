import { isTerminal, type JobPhase, type WireProgress } from '../../../src/protocol/index.js'
import type { JobSnapshot } from '../../ports/index.js'
import type { Outlook } from '../jobs/createDurationEstimate.js'

/** Below this share of the work the time left is a guess, and not told. */
const LEAST_FRACTION_FOR_ETA = 0.02

/**
 * How far a job is, in the wire's words. What is unknown is `null`, never invented.
 *
 * @param outlook of a run; other jobs know all their CIDs from the first
 */
export function describeProgress(
  job: JobSnapshot,
  nowMs: number,
  queuePosition: number | null,
  outlook: Outlook | null,
): WireProgress {
  const seconds = job.startedAtMs === null ? 0 : ((job.completedAtMs ?? nowMs) - job.startedAtMs) / 1000
  const { fraction, etaSeconds } = job.kind === 'run' ? (outlook ?? UNKNOWN) : ofEvents(job, seconds)
  return {
    phase: phaseOf(job),
    domain: job.currentDomain,
    ...(job.kind === 'run' ? { seeds_done: job.seedsDone, seeds_total: job.seedsTotal } : {}),
    cids_done: hasCids(job) ? job.cidsDone : null,
    cids_total: job.cidCount,
    rows: job.rows,
    bytes: job.textBytes,
    fraction,
    rows_per_second: seconds > 0 ? Math.round(job.rows / seconds) : null,
    eta_seconds: etaSeconds,
    queue_position: queuePosition,
    attempt: job.attempt,
  }
}

const UNKNOWN: Outlook = { fraction: null, etaSeconds: null }

function phaseOf({ state, phase, cancelRequested }: JobSnapshot): JobPhase {
  if (isTerminal(state)) return 'done'
  return cancelRequested ? 'cancelling' : phase
}

/** Whether `cidsDone` is of something: of a domain, or of a run that has begun. */
function hasCids({ kind, state, currentDomain, startedAtMs }: JobSnapshot): boolean {
  return state === 'completed' || (kind === 'run' ? startedAtMs !== null : currentDomain !== null)
}

function ofEvents(job: JobSnapshot, seconds: number): Outlook {
  const fraction = fractionOf(job)
  const canEstimate = phaseOf(job) === 'fetching' && fraction !== null && fraction >= LEAST_FRACTION_FOR_ETA
  return { fraction, etaSeconds: canEstimate ? Math.ceil((seconds / fraction) * (1 - fraction)) : null }
}

/** The share of (domain, CID) pairs fetched: all domains are taken to be equally long. */
function fractionOf({
  state,
  domains,
  currentDomain,
  cidCount,
  cidsDone,
  startedAtMs,
}: JobSnapshot): number | null {
  if (state === 'completed') return 1
  if (startedAtMs === null || domains.length === 0 || !cidCount) return null
  const over = domains.filter((domain) => domain.state === 'done' || domain.state === 'failed').length
  const current = domains.find(({ name }) => name === currentDomain)
  const isOpen = current?.state === 'waiting' || current?.state === 'running'
  return Math.min(1, (over + (isOpen ? cidsDone / cidCount : 0)) / domains.length)
}
