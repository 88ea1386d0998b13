import { linkSignal } from '../src/async/abort.js'
import { TraceError } from '../src/errors.js'
import type { JobHandler } from '../mock-server/ports/index.js'
import type { WorkerStage } from './Scenario.js'

/** Lets the workers of jobs die in one stage, once of each job. */
export interface WorkerDeath {
  /** Says that a query of `stage` is being answered. */
  reach: (stage: WorkerStage) => void
  wrapWorker: (work: JobHandler) => JobHandler
}

export function createWorkerDeath(deadly: WorkerStage | undefined): WorkerDeath {
  const dead = new Set<string>()
  /** Of the attempts that are to die. */
  const kills = new Map<string, () => void>()
  return {
    reach(stage) {
      if (stage === deadly) for (const kill of kills.values()) kill()
    },
    wrapWorker: (work) => async (attempt) => {
      const { jobId } = attempt
      if (deadly === undefined || dead.has(jobId)) return work(attempt)
      const link = linkSignal(attempt.signal)
      kills.set(jobId, () => {
        dead.add(jobId)
        kills.delete(jobId)
        // Of all reasons the one for which a worker writes nothing more.
        link.abort(new TraceError('QUEUE_UNAVAILABLE', 'The worker was killed'))
      })
      try {
        await work({ ...attempt, signal: link.signal })
      } finally {
        kills.delete(jobId)
        link.unlink()
      }
    },
  }
}
