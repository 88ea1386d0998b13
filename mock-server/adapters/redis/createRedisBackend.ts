import type { Store } from 'express-rate-limit'
import type { BatchStore, JobQueue, LegacyResults, QuestionIndex, ResultLog } from '../../ports/index.js'
import { connectRedis, isReadOnly, whenReady, type RedisClient, type RedisSettings } from './connectRedis.js'
import { createRedisBatchStore } from './createRedisBatchStore.js'
import { createRedisJobQueue } from './createRedisJobQueue.js'
import { createRedisLegacyResults } from './createRedisLegacyResults.js'
import { createRedisQuestionIndex } from './createRedisQuestionIndex.js'
import { createRedisResultLog } from './createRedisResultLog.js'
import { createRedisRateStore } from './createRedisRateStore.js'
import { createSharedMeter, readSharedMeter } from './createSharedMeter.js'
import { meterLog } from '../../runtime/meterLog.js'
import { systemClock } from '../../../src/async/clock.js'
import { redisProblem } from './redisProblem.js'
import { redisQueueNames } from './RedisQueueNames.js'
import { workRedisQueue, type RedisWorker, type RedisWorkerOptions } from './workRedisQueue.js'

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
  'handler' | 'clock' | 'timeoutMs' | 'graceMs' | 'places' | 'takes' | 'onStuck'
>

/** Everything that is kept in Redis, over connections of its own. */
export interface RedisBackend {
  log: ResultLog
  store: BatchStore
  queue: JobQueue
  legacy: LegacyResults
  questions: QuestionIndex
  /** What all workers have counted, in Prometheus's words. */
  sharedCounts: () => Promise<string>
  /** Where requests of a kind are counted for all servers. */
  rateStoreOf: (kind: string) => Store
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
  announce(redis, {
    write: () => redis.set(`${prefix}:trace:probe`, '', 'PX', 1_000),
    problem: () => redisProblem(settings),
    warn,
  })
  const stored = createRedisResultLog({ redis, subscriber, prefix, budgetBytes, ...times })
  const meter = createSharedMeter({ redis, prefix })
  const log = meterLog(stored, meter, systemClock)
  const queue = createRedisJobQueue({ redis, names, log })

  return {
    log,
    store: createRedisBatchStore({ redis, prefix, budgetBytes }),
    queue,
    legacy: createRedisLegacyResults({ redis, prefix }),
    questions: createRedisQuestionIndex({ redis, prefix }),
    sharedCounts: () => readSharedMeter({ redis, prefix }),
    rateStoreOf: (kind) => createRedisRateStore({ redis, prefix, kind }),
    isThere: (ms) => whenReady(redis, ms),
    work: (work) =>
      workRedisQueue({ ...work, redis, subscriber, connection: connect('waiting'), names, log, warn }),
    async close() {
      await Promise.all([queue.close(), meter.close()])
      stored.close()
      for (const client of clients) client.disconnect()
    },
  }
}

/** Says once that Redis has gone, or takes no writes, and once that it is back. */
function announce(
  redis: RedisClient,
  {
    write,
    problem,
    warn,
  }: {
    write: () => Promise<unknown>
    problem: () => Promise<string | null>
    warn: (message: string) => void
  },
) {
  let told: 'there' | 'away' | 'read-only' = 'there'
  function tell(now: typeof told, message: string) {
    // One that connects again and again is away, or a replica, all the while.
    if (told === now || (told === 'read-only' && now === 'away')) return
    told = now
    warn(message)
  }
  redis.on('error', ({ message }: Error) =>
    tell('away', `Redis cannot be reached: ${message || 'no node answers'}`),
  )
  redis.on('close', () => tell('away', 'The connection to Redis is lost'))
  redis.on('ready', () => {
    // One that was away at the start, or another primary, may lack the user's rights.
    if (told !== 'there') void problem().then((sentence) => sentence && warn(sentence))
    write().then(
      () => tell('there', 'Redis is there again'),
      (cause: Error) => {
        // Any other failure is told by the command that fails.
        if (isReadOnly(cause)) {
          tell(
            'read-only',
            'Redis is a replica and takes no writes: connecting until its name leads elsewhere',
          )
        }
      },
    )
  })
}
