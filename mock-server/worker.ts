import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { systemClock as clock } from '../src/async/clock.js'
import type { RedisSettings } from './adapters/redis/connectRedis.js'
import { createRedisBackend } from './adapters/redis/createRedisBackend.js'
import { WORKER_TAKES } from './adapters/redis/workRedisQueue.js'
import { redisProblem } from './adapters/redis/redisProblem.js'
import { zlibCodec as codec } from './adapters/zlib/zlibCodec.js'
import { commandLine } from './cli/commandLine.js'
import { describeFlags, WORKER_FLAGS } from './cli/readFlags.js'
import { closeSource } from './closeSource.js'
import { configOrExit, fail } from './configOrExit.js'
import type { Config } from './config.js'
import { openLog } from './openLog.js'
import { openSource } from './openSource.js'
import type { JobAttempt } from './ports/index.js'
import type { CheckedSource } from './services/source/checkSource.js'
import { runJob } from './services/worker/runJob.js'
import { superviseWorkers } from './superviseWorkers.js'

const HELP = `Workers of the trace server: they run its jobs, and meet it through Redis.

Usage: trace-server worker [options]    TRACE_WORKER_COUNT processes and one for small questions, begun again when they
                                        end (in the repository: npm run worker -- [options])

${describeFlags(WORKER_FLAGS)}

REDIS_URL (or REDIS_CLUSTER_NODES), REDIS_KEY_PREFIX and TRACE_WORKER_QUEUE must be the server's, and so must the config file;
.env.example explains every variable.
`

/** How long a worker may take to hand its job back, besides what an attempt is given to stop. */
const CLOSE_WITHIN_MS = 8_000

const { flags, environment } = commandLine(WORKER_FLAGS, HELP)
const takes = WORKER_TAKES.find((each) => each === (flags.takes ?? 'all'))
if (!takes) fail(`--takes must be one of ${WORKER_TAKES.join(', ')}.`)
const config = configOrExit(environment)
if (!config.redis) {
  fail('REDIS_URL must name the Redis that the server uses: without Redis it runs jobs itself.')
}
const problem = await redisProblem(config.redis)
if (problem) fail(problem)
const checked = await openSource(config.source).catch((cause: Error) => fail(cause.message))
const { logger } = openLog(config.logLevel)
if (flags.one) runWorker(config, config.redis, checked, logger)
else {
  // Each worker opens its own.
  await closeSource(checked, (message) => logger.warn(message))
  superviseWorkers({
    entry: fileURLToPath(import.meta.url),
    count: config.workerCount,
    hasSmall: config.settings.smallQuestionLimit > 0,
    heapMb: config.workerHeapMb,
    logger,
  })
}

/** One worker: one job at a time, and a small one beside it unless it takes one kind alone. */
function runWorker(config: Config, redis: RedisSettings, checked: CheckedSource, logger: Logger) {
  const { settings } = config
  const warn = (message: string) => logger.warn(message)
  const backend = createRedisBackend(redis, {
    ttlSeconds: settings.jobTtlSeconds,
    unfinishedTtlSeconds: settings.jobTimeoutSeconds + settings.jobTtlSeconds,
    warn,
  })
  const { log, store } = backend

  async function handler(attempt: JobAttempt) {
    const { jobId } = attempt
    const beganAtMs = clock.monotonic()
    logger.info({ jobId }, 'job begun')
    const broken = await runJob(attempt, {
      ...{ ...checked, log, store, codec, clock, settings },
      warn: (message) => logger.warn({ jobId }, message),
    })
    const tookMs = Math.round(clock.monotonic() - beganAtMs)
    const rssMb = Math.round(process.memoryUsage.rss() / 2 ** 20)
    if (broken) logger.warn({ jobId, tookMs, rssMb, code: broken.code }, `job stopped: ${broken.message}`)
    else logger.info({ jobId, tookMs, rssMb }, 'job ended')
  }

  const worker = backend.work({
    takes,
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
    await closeSource(checked, warn)
    process.exit(code)
  }
  process.on('SIGINT', () => void stop(0))
  process.on('SIGTERM', () => void stop(0))
  // The supervisor is gone.
  process.on('disconnect', () => void stop(0))
}
