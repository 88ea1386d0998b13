import type { JobPhase, JobState } from '../../src/protocol/index.js'
import type { JobSnapshot } from './ResultLog.js'

/**
 * The life of a job, as every `ResultLog` keeps it.
 *
 * A job is `queued` when it is created. A worker opens it: it is `running`, and stays so when another worker takes it
 * over; the lease of the worker before counts no more. The worker that holds the lease commits rows and ends the job:
 * `completed`, `failed` or `cancelled`. The queue ends a job whose worker is gone, without a lease.
 *
 * The last caller who leaves cancels the job. A queued one is `cancelled` at once. A running one is `cancelling` until
 * its worker ends it: in the log it is `running`, with `cancelRequested`. No worker may take it over, and no caller may
 * join it.
 *
 * An ended job never changes by itself. A retry queues it again when something is left to do: a failed job goes on from
 * its checkpoints, and a completed one with failed domains (`partial`) with each of them from its beginning. A whole
 * result and a cancelled job have nothing to go on with.
 *
 * Phases follow: `queued` when created or queued again, `phaseWhenOpened` when opened, what the worker says with each
 * commit (`seeds`, `lineage`, `fetching`, `aggregating`), `done` when completed. A job that failed or was cancelled keeps
 * the phase it stopped in. Callers are told `cancelling` while it is, and `done` of every job that has ended.
 *
 * Domains follow their entries, each by itself; several may be `running` at once. A domain is `waiting` at first,
 * `running` from `domain_start` on (which begins one that was seen before anew: no rows, and the checkpoint at the
 * beginning), `done` with `domain_end`, `failed` with `domain_failed`. `unmatched` leaves its domain as it is. A retry
 * of a `partial` job makes failed ones `waiting`, with their checkpoint at the beginning.
 */
export const JOB_TRANSITIONS: Readonly<Record<JobCondition, Partial<Record<JobEvent, JobCondition>>>> = {
  queued: { join: 'queued', open: 'running', cancel: 'cancelled', giveUp: 'failed', drop: 'cancelled' },
  running: {
    ...{ join: 'running', open: 'running', commit: 'running', cancel: 'cancelling' },
    ...{
      complete: 'completed',
      fail: 'failed',
      endCancelled: 'cancelled',
      giveUp: 'failed',
      drop: 'cancelled',
    },
  },
  cancelling: {
    ...{ commit: 'cancelling', cancel: 'cancelling' },
    ...{
      complete: 'completed',
      fail: 'failed',
      endCancelled: 'cancelled',
      giveUp: 'failed',
      drop: 'cancelled',
    },
  },
  completed: { join: 'completed' },
  partial: { join: 'partial', retry: 'queued' },
  failed: { retry: 'queued' },
  cancelled: {},
}

/** A job's state, told apart by what may happen next. */
export type JobCondition = JobState | 'cancelling' | 'partial'

/** What can happen to a job, and the method of `ResultLog` that does it. */
export const JOB_EVENTS = [
  /** `join`: another caller wants it. */
  'join',
  /** `open`: a worker begins an attempt. */
  'open',
  /** `commit`, with the lease. */
  'commit',
  /** `finish`, with the lease: `completed`, `failed`, `cancelled`. */
  'complete',
  'fail',
  'endCancelled',
  /** `finish` without a lease, by the queue: `failed`, `cancelled`. */
  'giveUp',
  'drop',
  /** `leave`, by the last caller. */
  'cancel',
  /** `reopen`. */
  'retry',
] as const
export type JobEvent = (typeof JOB_EVENTS)[number]

interface JobFacts {
  state: JobState
  cancelRequested: boolean
  domains: readonly { state: string }[]
}

export function conditionOf({ state, cancelRequested, domains }: JobFacts): JobCondition {
  if (state === 'running' && cancelRequested) return 'cancelling'
  if (state === 'completed' && domains.some((domain) => domain.state === 'failed')) return 'partial'
  return state
}

/** Whether `event` may happen to a job now. */
export function isAllowed(job: JobFacts, event: JobEvent): boolean {
  return JOB_TRANSITIONS[conditionOf(job)][event] !== undefined
}

/** The first stage that a job has not finished: an `events` job has only one, a run finds seeds and lineage before. */
export function phaseWhenOpened({
  kind,
  stages,
  seedsTotal,
}: Pick<JobSnapshot, 'kind' | 'stages' | 'seedsTotal'>): JobPhase {
  if (kind === 'events') return 'fetching'
  if (!stages.areSeedsDone) return 'seeds'
  return seedsTotal === null || stages.seedsTraced < seedsTotal ? 'lineage' : 'fetching'
}

/** What an entry of a log makes of the domain it is of; `null`: it stays as it is. */
export const DOMAIN_STATE_AFTER = {
  domain_start: 'running',
  records: 'running',
  domain_end: 'done',
  domain_failed: 'failed',
  unmatched: null,
} as const
