import type { JobHandler, JobQueue } from '../../ports/index.js'
import { createAttemptQueue, type AttemptQueueOptions } from '../../runtime/createAttemptQueue.js'

export interface MemoryJobQueueOptions extends Omit<AttemptQueueOptions, 'begin'> {
  handler: JobHandler
}

/** Runs jobs in this very thread, for tests and browsers. An attempt that will not stop is left behind, not ended. */
export function createMemoryJobQueue({ handler, ...options }: MemoryJobQueueOptions): JobQueue {
  return createAttemptQueue({
    ...options,
    begin(jobId) {
      const controller = new AbortController()
      return {
        // A handler that throws at once must not throw into the queue.
        done: Promise.resolve().then(() => handler({ jobId, signal: controller.signal })),
        abort: (reason) => controller.abort(reason),
        kill: () => {},
      }
    },
  })
}
