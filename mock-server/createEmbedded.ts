import { createMemoryJobQueue } from './adapters/memory/createMemoryJobQueue.js'
import { createThreadJobQueue } from './adapters/threads/createThreadJobQueue.js'
import { composeServer, keepInMemory } from './composeServer.js'
import type { Config } from './config.js'
import type { JobSetup } from './jobThread.js'
import { processParts, type ProcessOptions } from './processParts.js'
import { createMetrics } from './routes/createMetrics.js'
import { meterLog } from './runtime/meterLog.js'
import { runJob } from './services/worker/runJob.js'

/** The server without Redis: everything in this process, each job in a thread of its own. */
export function createEmbedded(config: Config, options: ProcessOptions) {
  const parts = processParts(config, options)
  const { source, description, codec, clock, settings, stopping, warn } = parts
  const memory = keepInMemory({ clock, settings, limitBytes: config.memoryLimitMb * 2 ** 20 })
  void memory.keepSweeping(stopping.signal)
  const { store, questions } = memory
  const metrics = createMetrics({ queueHealth: () => queue.health(), store })
  const log = meterLog(memory.log, metrics, clock)
  const setup: JobSetup = { settings, source: config.source }
  const timeoutMs = settings.jobTimeoutSeconds * 1000
  const work = { log, store, clock, workers: config.workerCount, timeoutMs, warn }
  const queue = options.jobsHere
    ? createMemoryJobQueue({
        ...work,
        handler: async (attempt) =>
          void (await runJob(attempt, { ...work, source, description, codec, settings })),
      })
    : createThreadJobQueue({
        ...work,
        heapMb: config.workerHeapMb,
        entry: new URL(
          import.meta.url.endsWith('.ts') ? './jobThread.ts' : './jobThread.js',
          import.meta.url,
        ),
        setup,
      })
  const { api, stop } = composeServer({
    ...parts,
    rowsSent: metrics.rowsSent,
    jobs: { log, store, questions, queue },
    memory,
  })

  return {
    api,
    metrics,
    /** Sends followers away and ends jobs; what is kept can still be read. */
    async drain() {
      stop()
      await queue.close()
    },
    async close() {},
  }
}
