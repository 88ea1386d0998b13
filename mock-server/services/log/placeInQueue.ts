import { isTraceError } from '../../../src/errors.js'
import { isTerminal } from '../../../src/protocol/index.js'
import type { Clock, JobQueue, JobSnapshot } from '../../ports/index.js'
import type { TraceSettings } from '../../ports/TraceDeps.js'

/** A job without a sign of life for so long may have no worker. Or it is at a slow query: the queue knows. */
const SILENT_MS = 10_000

export interface PlaceParts {
  queue: Pick<JobQueue, 'submit' | 'place'>
  clock: Clock
  settings: Pick<TraceSettings, 'jobTimeoutSeconds' | 'jobTtlSeconds'>
}

/**
 * How many jobs are before this one; `null` when it is not waiting.
 *
 * Hands out again what the queue has lost. A server can end, or lose Redis, between making a job and handing it out.
 * One node of a cluster can be restarted without its last second while another keeps it. This is done when a caller
 * looks at the job: only then does it matter.
 */
export async function placeInQueue(
  { queue, clock, settings }: PlaceParts,
  job: JobSnapshot,
): Promise<number | null> {
  const { jobId, state, expiresAtMs } = job
  // Every sign of life gives an unfinished job its whole time anew.
  const lastSignMs = expiresAtMs - (settings.jobTimeoutSeconds + settings.jobTtlSeconds) * 1000
  const isSilent = clock.now() - lastSignMs >= SILENT_MS
  if (isTerminal(state) || (state === 'running' && !isSilent)) return null

  const place = await queue.place(jobId)
  if (place === null && isSilent) {
    await queue.submit(jobId, job).catch((cause: unknown) => {
      // The next look tries again.
      if (!isTraceError(cause)) throw cause
    })
  }
  return typeof place === 'number' ? place : null
}
