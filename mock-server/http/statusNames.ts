import type { JobState } from '../../src/protocol/index.js'

/** `rq`: the original's names, for pages that know no others. */
export type StatusNames = 'default' | 'rq'

const RQ: Record<JobState, string> = {
  queued: 'queued',
  running: 'started',
  completed: 'finished',
  failed: 'failed',
  cancelled: 'failed',
}

/** A job's state by the name the reader knows. */
export function statusName(state: JobState, names: StatusNames): string {
  return names === 'rq' ? RQ[state] : state
}
