import { isTraceError } from '../../src/errors.js'
import { isTerminal } from '../../src/protocol/index.js'
import type { Clock, JobQueue, JobSnapshot } from '../ports/index.js'
import type { TraceSettings } from './TraceDeps.js'

/** A job without a sign of life for so long may be nobody's. Some are at a slow query: those lose nothing. */
const SILENT_MS = 10_000

export interface HandOutParts {
  queue: Pick<JobQueue, 'submit'>
  clock: Clock
  settings: Pick<TraceSettings, 'jobTimeoutSeconds' | 'jobTtlSeconds'>
}

/**
 * Hands out again what the queue may have lost: a server can end, or lose Redis, between making a job and handing it
 * out, and of a cluster one node can be restarted without its last second while another keeps it. Done by whoever
 * looks at the job, since only then does it matter; a job that the queue has is not touched by it.
 *
 * @param position in the queue, which knows those that wait
 */
export async function handOutAgain(
  { queue, clock, settings }: HandOutParts,
  { jobId, state, expiresAtMs }: JobSnapshot,
  position: number | null,
) {
  if (isTerminal(state) || position !== null) return
  // Every sign of life gives an unfinished job its whole time anew.
  const lastSignMs = expiresAtMs - (settings.jobTimeoutSeconds + settings.jobTtlSeconds) * 1000
  if (clock.now() - lastSignMs < SILENT_MS) return
  await queue.submit(jobId).catch((cause: unknown) => {
    // The next who looks tries again.
    if (!isTraceError(cause)) throw cause
  })
}
