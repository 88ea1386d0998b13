import { MessageChannel, Worker } from 'node:worker_threads'
import { TraceError } from '../../../src/errors.js'
import type { BatchStore, JobQueue, ResultLog } from '../../ports/index.js'
import { createAttemptQueue, type AttemptQueueOptions } from '../../runtime/createAttemptQueue.js'
import type { Attempt } from '../../runtime/superviseAttempt.js'
import { toFacts } from './errorFacts.js'
import type { JobThreadData } from './runJobThread.js'
import { serveWorker } from './serveWorker.js'

export interface ThreadJobQueueOptions extends Omit<AttemptQueueOptions, 'begin' | 'log'> {
  log: ResultLog
  store: BatchStore
  /** Module whose body is `runJobThread(…)`. A `.ts` one is loaded with tsx. */
  entry: URL
  /** Given to the entry's handler; must survive structured cloning. */
  setup: unknown
  /** Most JavaScript heap of one job, in MB; more fails it with `JOB_OUT_OF_MEMORY`. */
  heapMb: number
}

/**
 * Runs each job in a worker thread of its own, which is gone with it: what a job took, or broke, is given back
 * whole.
 */
export function createThreadJobQueue(options: ThreadJobQueueOptions): JobQueue {
  return createAttemptQueue({ ...options, begin: (jobId) => beginThread(jobId, options) })
}

function beginThread(
  jobId: string,
  { entry, setup, heapMb, log, store, warn = () => {} }: ThreadJobQueueOptions,
): Attempt {
  const { port1: ours, port2: theirs } = new MessageChannel()
  serveWorker(ours, { log, store, warn })
  const data: JobThreadData = { jobId, port: theirs, setup }
  const isSource = entry.pathname.endsWith('.ts')
  const worker = new Worker(isSource ? loaderOf(entry) : entry, {
    eval: isSource,
    workerData: data,
    transferList: [theirs],
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  })

  const done = new Promise<void>((resolve, reject) => {
    worker.once('error', (cause: Error & { code?: string }) => {
      reject(cause.code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory(heapMb) : cause)
    })
    worker.once('exit', (code) => {
      ours.close()
      if (code === 0) resolve()
      else reject(new Error(`the worker ended with code ${code}`))
    })
  })

  return {
    done,
    abort: (reason) => ours.postMessage({ abort: toFacts(reason) }),
    kill: () => void worker.terminate(),
  }
}

/** Loads TypeScript, in development, wherever the process runs: Node 20 does not heed `--import tsx` in `execArgv`. */
function loaderOf(entry: URL): string {
  const [loader, url] = [import.meta.resolve('tsx/esm/api'), entry.href].map((each) => JSON.stringify(each))
  return `import(${loader}).then(({ register }) => { register(); return import(${url}) })`
}

function outOfMemory(heapMb: number): TraceError {
  return new TraceError(
    'JOB_OUT_OF_MEMORY',
    `The job needed more than ${heapMb} MB of memory; ask for less, or raise TRACE_WORKER_HEAP_MB`,
  )
}
