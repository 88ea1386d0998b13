import { createThreadJobQueue } from './adapters/threads/createThreadJobQueue.js'
import { composeServer, keepInMemory } from './composeServer.js'
import type { Config } from './config.js'
import type { JobSetup } from './jobThread.js'
import { processParts, type ProcessOptions } from './processParts.js'
import { createMetrics } from './routes/createMetrics.js'
import { meterLog } from './runtime/meterLog.js'

/** The server without Redis: everything in this process, each job in a thread of its own. */
export function createEmbedded(config: Config, options: ProcessOptions) {
  const parts = processParts(config, options)
  const { clock, settings, stopping, warn } = parts
  const memory = keepInMemory({ clock, settings, limitBytes: config.memoryLimitMb * 2 ** 20 })
  void memory.keepSweeping(stopping.signal)
  const { store, questions } = memory
  const metrics = createMetrics({ queueHealth: () => queue.health(), store })
  const log = meterLog(memory.log, metrics, clock)
  const setup: JobSetup = {
    settings,
    syntheticDelayMs: config.syntheticDelayMs,
  }
  const queue = createThreadJobQueue({
    log,
    store,
    clock,
    workers: config.workerCount,
    timeoutMs: settings.jobTimeoutSeconds * 1000,
    heapMb: config.workerHeapMb,
    entry: new URL(import.meta.url.endsWith('.ts') ? './jobThread.ts' : './jobThread.js', import.meta.url),
    setup,
    warn,
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
