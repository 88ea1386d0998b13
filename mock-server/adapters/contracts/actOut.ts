import { isTraceError } from '../../../src/errors.js'
import type { JobAttempt, ResultLog } from '../../ports/index.js'

/**
 * A handler for the queues' contract: does what the job's name begins with. It runs wherever the adapter runs
 * jobs, so it can be told only by name.
 */
export async function actOut(
  { jobId, signal }: JobAttempt,
  log: Pick<ResultLog, 'open' | 'commit' | 'finish'>,
): Promise<void> {
  const { lease, snapshot } = await log.open(jobId)
  const complete = () => log.finish(jobId, lease, { state: 'completed', aggregation: null })

  switch (jobId.split('-')[0]) {
    case 'quick':
      return complete()
    case 'patient': {
      await aborted(signal)
      const { code, message } = isTraceError(signal.reason)
        ? signal.reason
        : { code: 'JOB_FAILED' as const, message: 'no' }
      if (code === 'QUEUE_UNAVAILABLE') throw signal.reason
      const state = code === 'JOB_CANCELLED' ? 'cancelled' : 'failed'
      return log.finish(jobId, lease, { state, error: { code, message: `heard: ${message}` } })
    }
    case 'deaf':
      return new Promise(() => {})
    case 'fragile':
      if (snapshot.attempt < 3) throw new Error(`attempt ${snapshot.attempt} broke`)
      return complete()
    case 'broken':
      throw new Error('broken for good')
    default:
      throw new Error(`there is no act for ${jobId}`)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
}
