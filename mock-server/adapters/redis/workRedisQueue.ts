import { DelayedError, Worker, type Job } from 'bullmq'
import { isTraceError, TraceError } from '../../../src/errors.js'
import { isTerminal } from '../../../src/protocol/index.js'
import type { JobHandler, ResultLog } from '../../ports/index.js'
import {
  superviseAttempt,
  type SupervisedAttempt,
  type AttemptTimes,
} from '../../runtime/superviseAttempt.js'
import type { RedisClient } from './connectRedis.js'
import { endCancelled } from './createRedisJobQueue.js'
import { beatWorker } from './beatWorker.js'
import { forwardFirstJobs } from './forwardFirstJobs.js'
import type { RedisQueueNames } from './RedisQueueNames.js'

export interface RedisWorkerOptions extends AttemptTimes {
  handler: JobHandler
  /** For commands; fails while Redis is away. */
  redis: RedisClient
  /** For BullMQ; waits while Redis is away. */
  connection: RedisClient
  /** For subscriptions; waits while Redis is away. */
  subscriber: RedisClient
  names: RedisQueueNames
  log: Pick<ResultLog, 'finish' | 'snapshot'>
  /** Jobs at the same time, beside a small one; default 1. */
  places?: number
  /** Which jobs it takes; default: all, a small one beside the others. */
  takes?: WorkerTakes
  /** Hears of each death of a worker, and of what BullMQ complains of. */
  warn?: (message: string) => void
  /** Hears of an attempt that would not stop: it is still running, and only the end of the process ends it. */
  onStuck?: (jobId: string) => void
}

/** A worker of small jobs alone shares its thread with no large one. */
export const WORKER_TAKES = ['all', 'large', 'small'] as const
export type WorkerTakes = (typeof WORKER_TAKES)[number]

export interface RedisWorker {
  /** Resolves when it takes jobs: at once, or as soon as Redis is there. */
  ready: Promise<void>
  /** Takes no more jobs, aborts running attempts, hands their jobs back, and waits for that. */
  close: () => Promise<void>
}

const MAX_DEATHS = 3
/** A worker that does not renew its lock for so long is dead; others look for locks as often as they renew theirs. */
const LOCK_MS = 5_000
const RENEW_EVERY_MS = 1_500
const LOCKS = { lockDuration: LOCK_MS, lockRenewTime: RENEW_EVERY_MS, stalledInterval: RENEW_EVERY_MS }
/** Places that large jobs never take. */
const SMALL_PLACES = 1
/** How soon a job is tried again when its attempt could not go on, through no fault of the worker. */
const RETRY_AFTER_MS = 1_000
/** How often an attempt looks whether its job is still wanted: a cancel is heard within a second though its message is lost. */
const LOOK_EVERY_MS = 800

/**
 * Works on the jobs of `createRedisJobQueue`. When a worker dies its job loses the lock and is handed out again, in at
 * most 7 s. The worker that begins the job next counts its deaths: locks lost, and attempts that threw. A job handed
 * back (at shutdown, or because Redis was away) has not died.
 */
export function workRedisQueue(options: RedisWorkerOptions): RedisWorker {
  const { handler, redis, connection, subscriber, names, log, clock, places = 1, takes = 'all' } = options
  const { warn = () => {}, onStuck = () => {} } = options
  const attempts = new Map<string, SupervisedAttempt>()
  let isClosing = false

  const large = { name: names.queueName, concurrency: places }
  // Where workers take all, as many as there are processes: they need not be counted.
  const small = { name: names.smallQueueName, concurrency: SMALL_PLACES }
  const queues = { all: [large, small], large: [large], small: [small] }[takes]
  const workers = queues.map(({ name, concurrency }) => {
    const worker = new Worker(name, (job, token) => take(job, token!), {
      ...{ connection, prefix: names.bullPrefix, concurrency, autorun: false },
      ...LOCKS,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: RETRY_AFTER_MS,
    })
    worker.on('error', (cause) => {
      if (redis.status === 'ready') warn(`Queue: ${cause.message}`)
    })
    worker.on('lockRenewalFailed', (jobIds) => {
      for (const jobId of jobIds)
        attempts.get(jobId)?.stop(new TraceError('STALE_LEASE', 'Another worker has the job'))
    })
    return worker
  })
  const onMessage = (channel: string, jobId: string) => {
    if (channel === names.cancelChannel) attempts.get(jobId)?.stop(cancelled())
  }
  subscriber.on('message', onMessage)
  const beat = beatWorker(redis, names.workersKey, takes === 'small' ? 0 : places)
  let forwarding: ReturnType<typeof forwardFirstJobs> | null = null

  async function start() {
    await subscriber.subscribe(names.cancelChannel)
    await Promise.all(workers.map((worker) => worker.waitUntilReady()))
    if (isClosing) return
    await beat.start()
    for (const worker of workers) {
      void worker.run().catch((cause: unknown) => warn(`Queue: ${String(cause)}`))
    }
    if (takes !== 'small') forwarding = forwardFirstJobs({ redis, connection, names, clock, locks: LOCKS })
  }

  /** One job, from being handed out to its end or its handing back. Resolves when BullMQ may forget it. */
  async function take(job: Job, token: string) {
    const jobId = job.id!
    const deaths = job.attemptsMade + job.stalledCounter
    try {
      if (deaths >= MAX_DEATHS) return await giveUp(jobId, deaths, job.failedReason || 'nothing; it was gone')
      await run(jobId)
      await mustBeOver(jobId)
    } catch (cause) {
      const code = isTraceError(cause) ? cause.code : null
      if (code === 'QUEUE_UNAVAILABLE') return handBack(job, token, 0)
      if (code === 'STORE_UNAVAILABLE' || code === 'STALE_LEASE') return handBack(job, token, RETRY_AFTER_MS)
      const why = cause instanceof Error ? cause.message : String(cause)
      warn(`The worker of job ${jobId} died (${deaths + 1} of ${MAX_DEATHS}): ${why}`)
      if (deaths + 1 < MAX_DEATHS) throw cause
      await giveUp(jobId, deaths + 1, why).catch(() => handBack(job, token, RETRY_AFTER_MS))
    }
  }

  async function run(jobId: string) {
    if (isClosing) throw stopping()
    const controller = new AbortController()
    const attempt = superviseAttempt(
      {
        // A handler that throws at once must not throw into the queue.
        done: Promise.resolve().then(() => handler({ jobId, signal: controller.signal })),
        abort: (reason) => controller.abort(reason),
        kill: () => onStuck(jobId),
      },
      options,
    )
    const ended = new AbortController()
    attempts.set(jobId, attempt)
    void lookAfter(jobId, attempt, ended.signal)
    try {
      await attempt.over
    } catch (cause) {
      const code = isTraceError(cause) ? cause.code : null
      if (code === 'JOB_CANCELLED') await endCancelled(log, jobId)
      else if (code === 'JOB_TIMEOUT' || code === 'JOB_OUT_OF_MEMORY') await fail(jobId, cause as TraceError)
      else throw cause
    } finally {
      attempts.delete(jobId)
      ended.abort()
    }
  }

  /** Stops an attempt when its job is no longer wanted. */
  async function lookAfter(jobId: string, attempt: SupervisedAttempt, ended: AbortSignal) {
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, ended).catch(() => {})
      if (ended.aborted) return
      const job = await log.snapshot(jobId).catch(() => undefined)
      if (job === undefined) continue
      if (job === null || job === 'expired' || job.cancelRequested || isTerminal(job.state))
        attempt.stop(cancelled())
    }
  }

  /** An attempt that ended quietly may have found that another writer has the job; then it is not over. */
  async function mustBeOver(jobId: string) {
    const job = await log.snapshot(jobId)
    if (job === null || job === 'expired' || isTerminal(job.state)) return
    if (job.cancelRequested) return endCancelled(log, jobId)
    throw new TraceError('STALE_LEASE', `Job ${jobId} has not ended`)
  }

  async function giveUp(jobId: string, deaths: number, why: string) {
    const message = `The job's worker died ${deaths} times; the last time it said: ${why}`
    await fail(jobId, new TraceError('WORKER_LOST', message))
  }

  async function fail(jobId: string, { code, message }: TraceError) {
    await log.finish(jobId, null, { state: 'failed', error: { code, message } }).catch((cause: unknown) => {
      if (!isTraceError(cause) || cause.code !== 'JOB_NOT_FOUND') throw cause
    })
  }

  /** Without its lock the job is another's already, or will be. */
  async function handBack(job: Job, token: string, delayMs: number): Promise<never> {
    const moved = delayMs > 0 ? job.moveToDelayed(Date.now() + delayMs, token) : job.moveToWait(token)
    await moved.catch(() => {})
    throw new DelayedError()
  }

  const ready = start()
  ready.catch((cause: unknown) => {
    if (!isClosing) warn(`The worker cannot begin: ${String(cause)}`)
  })

  return {
    ready,
    async close() {
      isClosing = true
      subscriber.off('message', onMessage)
      const closed = workers.map((worker) => worker.close())
      for (const attempt of attempts.values()) attempt.stop(stopping())
      await Promise.all([...closed, beat.stop(), forwarding?.close()])
    },
  }
}

function cancelled(): TraceError {
  return new TraceError('JOB_CANCELLED', 'The job was cancelled')
}

function stopping(): TraceError {
  return new TraceError('QUEUE_UNAVAILABLE', 'The worker is stopping')
}
