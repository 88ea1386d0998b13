import { workerData, type MessagePort } from 'node:worker_threads'
import type { JobAttempt } from '../../ports/index.js'
import { connectMainThread } from './connectMainThread.js'
import { fromFacts } from './errorFacts.js'
import type { MainThread } from './messages.js'

/** What a job's thread is started with. */
export interface JobThreadData {
  jobId: string
  port: MessagePort
  /** The server's own, for the handler. */
  setup: unknown
}

/** The body of a worker thread's entry: works on the one job it was started for, and ends. */
export async function runJobThread(
  handler: (attempt: JobAttempt, main: MainThread, setup: unknown) => Promise<unknown>,
): Promise<void> {
  const { jobId, port, setup } = workerData as JobThreadData
  const controller = new AbortController()
  const main = connectMainThread(port, (reason) => controller.abort(fromFacts(reason)))
  await handler({ jobId, signal: controller.signal }, main, setup)
  port.close()
  // A source may have left something open that would keep the thread.
  process.exit(0)
}
