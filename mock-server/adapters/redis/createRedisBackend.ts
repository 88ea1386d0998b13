import type { BatchStore, JobQueue, LegacyResults, QuestionIndex, ResultLog } from '../../ports/index.js'
import { connectRedis, whenReady, type RedisAddress, type RedisClient } from './connectRedis.js'
import { createRedisBatchStore } from './createRedisBatchStore.js'
import { createRedisJobQueue } from './createRedisJobQueue.js'
import { createRedisLegacyResults } from './createRedisLegacyResults.js'
import { createRedisQuestionIndex } from './createRedisQuestionIndex.js'
import { createRedisResultLog } from './createRedisResultLog.js'
import { redisQueueNames } from './RedisQueueNames.js'
import { workRedisQueue, type RedisWorker, type RedisWorkerOptions } from './workRedisQueue.js'

export interface RedisSettings extends RedisAddress {
  /** What all keys begin with; no braces, which mark hash tags. */
  prefix: string
  queueName: string
  /** The most memory Redis may use, in MB; 0: all but a little of Redis's own `maxmemory`. */
  budgetMb: number
}

export interface RedisBackendOptions {
  /** How long a job is kept once it has ended. */
  ttlSeconds: number
  /** How long a job is kept that shows no sign of life: its timeout and `ttlSeconds`. */
  unfinishedTtlSeconds: number
  /** Hears when Redis goes and comes, and of deaths of workers. */
  warn: (message: string) => void
}

type WorkOptions = Pick<
  RedisWorkerOptions,
  'handler' | 'clock' | 'timeoutMs' | 'graceMs' | 'places' | 'onStuck'
>

/** Everything that is kept in Redis, over connections of its own. */
export interface RedisBackend {
  /** For commands; fails while Redis is away. */
  redis: RedisClient
  log: ResultLog
  store: BatchStore
  queue: JobQueue
  legacy: LegacyResults
  questions: QuestionIndex
  /** Whether Redis is there within `ms`. */
  isThere: (ms: number) => Promise<boolean>
  /** Takes jobs of the queue, in this process. */
  work: (options: WorkOptions) => RedisWorker
  /** Drops the connections; close workers first. */
  close: () => Promise<void>
}

export function createRedisBackend(settings: RedisSettings, options: RedisBackendOptions): RedisBackend {
  const { prefix, queueName, budgetMb } = settings
  const { warn, ...times } = options
  const clients: RedisClient[] = []
  const budgetBytes = budgetMb * 2 ** 20
  const names = redisQueueNames(prefix, queueName)

  function connect(kind: Parameters<typeof connectRedis>[1]) {
    const client = connectRedis(settings, kind)
    // Each client complains of every attempt; one of them is listened to, and only when something changes.
    client.on('error', () => {})
    clients.push(client)
    return client
  }

  const redis = connect('commands')
  const subscriber = connect('waiting')
  announce(redis, warn)
  const log = createRedisResultLog({ redis, subscriber, prefix, budgetBytes, ...times })
  const queue = createRedisJobQueue({ redis, names, log })

  return {
    redis,
    log,
    store: createRedisBatchStore({ redis, prefix, budgetBytes }),
    queue,
    legacy: createRedisLegacyResults({ redis, prefix }),
    questions: createRedisQuestionIndex({ redis, prefix }),
    isThere: (ms) => whenReady(redis, ms),
    work: (work) =>
      workRedisQueue({ ...work, redis, subscriber, connection: connect('waiting'), names, log, warn }),
    async close() {
      await queue.close()
      log.close()
      for (const client of clients) client.disconnect()
    },
  }
}

/** Says once that Redis has gone, and once that it is back. */
function announce(redis: RedisClient, warn: (message: string) => void) {
  let isAway = false
  redis.on('error', (cause: Error) => {
    if (!isAway) warn(`Redis cannot be reached: ${cause.message || 'no node answers'}`)
    isAway = true
  })
  redis.on('close', () => {
    if (!isAway) warn('The connection to Redis is lost')
    isAway = true
  })
  redis.on('ready', () => {
    if (isAway) warn('Redis is there again')
    isAway = false
  })
}
