import { setMaxListeners } from 'node:events'
import { createByteBudget } from './adapters/memory/createByteBudget.js'
import { createMemoryBatchStore } from './adapters/memory/createMemoryBatchStore.js'
import { createMemoryQuestionIndex } from './adapters/memory/createMemoryQuestionIndex.js'
import { createMemoryResultLog } from './adapters/memory/createMemoryResultLog.js'
import { systemClock as clock } from '../src/async/clock.js'
import { createSyntheticSource } from './adapters/synthetic/createSyntheticSource.js'
import { createThreadJobQueue } from './adapters/threads/createThreadJobQueue.js'
import { zlibCodec as codec } from './adapters/zlib/zlibCodec.js'
import type { Config } from './config.js'
import type { JobSetup } from './jobThread.js'
import { createMetrics } from './routes/createMetrics.js'
import { createTraceServices } from './services/createTraceServices.js'
import { meterLog } from './runtime/meterLog.js'

const SWEEP_EVERY_MS = 30_000
/** What a slow reader of an answer may take beyond the time it is cached. */
const ANSWER_GRACE_SECONDS = 900

/** The server without Redis: everything in this process, each job in a thread of its own. */
export function createEmbedded(config: Config, warn: (message: string) => void) {
  const { settings } = config
  const { jobTtlSeconds, jobTimeoutSeconds, cacheTtlSeconds } = settings
  const stopping = new AbortController()
  // Every follower listens; Node warns of more than ten.
  setMaxListeners(0, stopping.signal)
  const budget = createByteBudget(config.memoryLimitMb * 2 ** 20)
  const store = createMemoryBatchStore({ clock, budget })
  const metrics = createMetrics({ queueHealth: () => queue.health(), store })
  const jobs = createMemoryResultLog({
    clock,
    budget,
    ttlSeconds: jobTtlSeconds,
    unfinishedTtlSeconds: jobTimeoutSeconds + jobTtlSeconds,
  })
  const questions = createMemoryQuestionIndex(clock)
  const log = meterLog(jobs, metrics, clock)
  const answers = createMemoryResultLog({
    clock,
    budget,
    ttlSeconds: cacheTtlSeconds + ANSWER_GRACE_SECONDS,
    unfinishedTtlSeconds: jobTimeoutSeconds,
  })
  budget.onShortage(answers.dropOldestEnded)

  const setup: JobSetup = {
    settings: { streamBatchSize: settings.streamBatchSize },
    syntheticDelayMs: config.syntheticDelayMs,
  }
  const queue = createThreadJobQueue({
    log,
    store,
    clock,
    workers: config.workerCount,
    timeoutMs: jobTimeoutSeconds * 1000,
    heapMb: config.workerHeapMb,
    entry: new URL(import.meta.url.endsWith('.ts') ? './jobThread.ts' : './jobThread.js', import.meta.url),
    setup,
    warn,
  })

  async function sweep() {
    for (;;) {
      await clock.sleep(SWEEP_EVERY_MS, stopping.signal).catch(() => {})
      if (stopping.signal.aborted) return
      for (const each of [store, jobs, answers, questions]) each.sweep()
    }
  }
  void sweep()

  const services = createTraceServices({
    source: createSyntheticSource({ delayMsPer1000Cids: config.syntheticDelayMs }),
    log,
    answers,
    store,
    queue,
    questions,
    codec,
    clock,
    settings,
    rowsSent: metrics.rowsSent,
    memoryUsedMb: () => process.memoryUsage.rss() / 2 ** 20,
    warn,
    stopping: stopping.signal,
  })

  return {
    services,
    metrics,
    rateStoreOf: undefined,
    /** Sends followers away and ends jobs; what is kept can still be read. */
    async drain() {
      stopping.abort()
      await queue.close()
    },
    async close() {},
  }
}
