import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { systemClock as clock } from '../src/async/clock.js'
import type { RedisSettings } from './adapters/redis/connectRedis.js'
import { createRedisBackend } from './adapters/redis/createRedisBackend.js'
import { WORKER_TAKES } from './adapters/redis/workRedisQueue.js'
import { redisProblem } from './adapters/redis/redisProblem.js'
import { createSyntheticSource } from './adapters/synthetic/createSyntheticSource.js'
import { zlibCodec as codec } from './adapters/zlib/zlibCodec.js'
import { configOrExit, fail } from './configOrExit.js'
import type { Config } from './config.js'
import { openLog } from './openLog.js'
import type { JobAttempt } from './ports/index.js'
import { runJob } from './services/worker/runJob.js'
import { superviseWorkers } from './superviseWorkers.js'

const HELP = `Workers of the trace server: they run its jobs, and meet it through Redis.

Usage: npm run worker             TRACE_WORKER_COUNT processes and one for small questions, begun again when they end
       npm run worker -- --one    one worker in this process, for a supervisor of your own;
                                  --takes=large or --takes=small: only such jobs

REDIS_URL (or REDIS_CLUSTER_NODES), REDIS_KEY_PREFIX and TRACE_WORKER_QUEUE must be the server's;
.env.example explains every variable.
`

/** How long a worker may take to hand its job back, besides what an attempt is given to stop. */
const CLOSE_WITHIN_MS = 8_000

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write(HELP)
} else {
  const config = configOrExit()
  if (!config.redis) {
    fail('REDIS_URL must name the Redis that the server uses: without Redis it runs jobs itself.')
  }
  const problem = await redisProblem(config.redis)
  if (problem) fail(problem)
  const { logger } = openLog(config.logLevel)
  if (process.argv.includes('--one')) runWorker(config, config.redis, logger)
  else
    superviseWorkers({
      entry: fileURLToPath(import.meta.url),
      count: config.workerCount,
      hasSmall: config.settings.smallQuestionLimit > 0,
      heapMb: config.workerHeapMb,
      logger,
    })
}

/** One worker: one job at a time, and a small one beside it unless it takes one kind alone. */
function runWorker(config: Config, redis: RedisSettings, logger: Logger) {
  const { settings } = config
  const warn = (message: string) => logger.warn(message)
  const backend = createRedisBackend(redis, {
    ttlSeconds: settings.jobTtlSeconds,
    unfinishedTtlSeconds: settings.jobTimeoutSeconds + settings.jobTtlSeconds,
    warn,
  })
  const { log, store } = backend
  const source = createSyntheticSource({ delayMsPerQuery: config.syntheticDelayMs })

  async function handler(attempt: JobAttempt) {
    const { jobId } = attempt
    const beganAtMs = clock.monotonic()
    logger.info({ jobId }, 'job begun')
    const broken = await runJob(attempt, {
      ...{ log, store, source, codec, clock, settings },
      warn: (message) => logger.warn({ jobId }, message),
    })
    const tookMs = Math.round(clock.monotonic() - beganAtMs)
    const rssMb = Math.round(process.memoryUsage.rss() / 2 ** 20)
    if (broken) logger.warn({ jobId, tookMs, rssMb, code: broken.code }, `job stopped: ${broken.message}`)
    else logger.info({ jobId, tookMs, rssMb }, 'job ended')
  }

  const worker = backend.work({
    takes: WORKER_TAKES.find((takes) => process.argv.includes(`--takes=${takes}`)),
    handler,
    clock,
    timeoutMs: settings.jobTimeoutSeconds * 1000,
    onStuck(jobId) {
      logger.error({ jobId }, 'job would not stop; this process ends with it')
      void stop(1)
    },
  })
  worker.ready.then(
    () => logger.info({ queue: redis.queueName, pid: process.pid }, 'worker takes jobs'),
    () => {},
  )

  let isStopping = false
  async function stop(code: number) {
    if (isStopping) return
    isStopping = true
    // While Redis is away nothing can be handed back: its lock will run out.
    await Promise.race([worker.close(), new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS))])
    await backend.close()
    process.exit(code)
  }
  process.on('SIGINT', () => void stop(0))
  process.on('SIGTERM', () => void stop(0))
  // The supervisor is gone.
  process.on('disconnect', () => void stop(0))
}
