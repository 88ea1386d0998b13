import { setFlagsFromString } from 'node:v8'
import type { RedisSettings } from './adapters/redis/connectRedis.js'
import { createRedisBackend } from './adapters/redis/createRedisBackend.js'
import { composeServer, keepInMemory } from './composeServer.js'
import type { Config } from './config.js'
import { processParts, type ProcessOptions } from './processParts.js'
import { createMetrics } from './routes/createMetrics.js'

/**
 * How much larger than what lives in it the heap may become before what is old in it is collected, in per cent. Chunks
 * pass by outside the heap and count all the same. Cheap collections of what is young give them back once 32 MB have
 * come; V8's own limit for a heap of 25 MB is reached before that, and then every 20 MB of chunks cost a collection of
 * everything: half of a stream's processor time. 300 is the most that V8 chooses itself.
 */
const HEAP_GROWTH_PERCENT = 300
/** How long the start waits for Redis before it goes on without. */
const CONNECT_WITHIN_MS = 2_000

/** The server on Redis: jobs are run by `worker.ts` processes, and only answers given at once are kept here. */
export async function createWithRedis(config: Config, redis: RedisSettings, options: ProcessOptions) {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`)
  const { settings } = config
  const backend = createRedisBackend(redis, {
    ttlSeconds: settings.jobTtlSeconds,
    unfinishedTtlSeconds: settings.jobTimeoutSeconds + settings.jobTtlSeconds,
    warn: options.warn,
  })
  const { log, store, questions, queue, legacy } = backend
  const parts = processParts(config, options, backend.rateStoreOf)
  const memory = keepInMemory({
    clock: parts.clock,
    settings,
    limitBytes: config.memoryLimitMb * 2 ** 20,
  })
  void memory.keepSweeping(parts.stopping.signal)
  const metrics = createMetrics({ queueHealth: queue.health, store, shared: backend.sharedCounts })

  if (!(await backend.isThere(CONNECT_WITHIN_MS))) {
    options.warn('The server begins without Redis: until it is there, only small questions are answered')
  }

  const { api, stop } = composeServer({
    ...parts,
    rowsSent: metrics.rowsSent,
    jobs: { log, store, questions, queue, legacy },
    memory,
  })

  return {
    api,
    metrics,
    /** Sends followers away; what is kept can still be read. */
    async drain() {
      stop()
    },
    close: backend.close,
  }
}
