import { setMaxListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { createByteBudget } from './adapters/memory/createByteBudget.js'
import { createMemoryBatchStore } from './adapters/memory/createMemoryBatchStore.js'
import { createMemoryResultLog } from './adapters/memory/createMemoryResultLog.js'
import { systemClock as clock } from '../src/async/clock.js'
import { createRedisBackend, type RedisSettings } from './adapters/redis/createRedisBackend.js'
import { createSyntheticSource } from './adapters/synthetic/createSyntheticSource.js'
import { zlibCodec as codec } from './adapters/zlib/zlibCodec.js'
import type { Config } from './config.js'
import { createMetrics } from './routes/createMetrics.js'
import { createTraceServices } from './services/createTraceServices.js'

/**
 * How much larger than what lives in it the heap may become before what is old in it is collected, in per cent. Chunks
 * pass by outside the heap and count all the same. Cheap collections of what is young give them back once 32 MB have
 * come; V8's own limit for a heap of 25 MB is reached before that, and then every 20 MB of chunks cost a collection of
 * everything: half of a stream's processor time. 300 is the most that V8 chooses itself.
 */
const HEAP_GROWTH_PERCENT = 300
const SWEEP_EVERY_MS = 30_000
/** What a slow reader of an answer may take beyond the time it is cached. */
const ANSWER_GRACE_SECONDS = 900
/** How long the start waits for Redis before it goes on without. */
const CONNECT_WITHIN_MS = 2_000

/** The server on Redis: jobs are run by `worker.ts` processes, and only answers given at once are kept here. */
export async function createWithRedis(config: Config, redis: RedisSettings, warn: (message: string) => void) {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`)
  const { settings } = config
  const { jobTtlSeconds, jobTimeoutSeconds, cacheTtlSeconds } = settings
  const stopping = new AbortController()
  // Every follower listens; Node warns of more than ten.
  setMaxListeners(0, stopping.signal)
  const backend = createRedisBackend(redis, {
    ttlSeconds: jobTtlSeconds,
    unfinishedTtlSeconds: jobTimeoutSeconds + jobTtlSeconds,
    warn,
  })
  const metrics = createMetrics({
    queueHealth: backend.queue.health,
    store: backend.store,
    shared: backend.sharedCounts,
  })
  const budget = createByteBudget(config.memoryLimitMb * 2 ** 20)
  const answers = createMemoryResultLog({
    clock,
    budget,
    ttlSeconds: cacheTtlSeconds + ANSWER_GRACE_SECONDS,
    unfinishedTtlSeconds: jobTimeoutSeconds,
  })
  budget.onShortage(answers.dropOldestEnded)
  const nearStore = createMemoryBatchStore({ clock, budget })

  async function sweep() {
    for (;;) {
      await clock.sleep(SWEEP_EVERY_MS, stopping.signal).catch(() => {})
      if (stopping.signal.aborted) return
      for (const each of [answers, nearStore]) each.sweep()
    }
  }
  void sweep()

  if (!(await backend.isThere(CONNECT_WITHIN_MS))) {
    warn('The server begins without Redis: until it is there, only small questions are answered')
  }

  const services = createTraceServices({
    source: createSyntheticSource({ delayMsPer1000Cids: config.syntheticDelayMs }),
    log: backend.log,
    store: backend.store,
    queue: backend.queue,
    questions: backend.questions,
    legacy: backend.legacy,
    ...{ answers, nearStore },
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
    rateStoreOf: backend.rateStoreOf,
    /** Sends followers away; what is kept can still be read. */
    async drain() {
      stopping.abort()
    },
    close: backend.close,
  }
}
