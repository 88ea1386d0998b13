import { Queue } from 'bullmq'
import { isTraceError, TraceError } from '../../../src/errors.js'
import type { JobQueue, ResultLog } from '../../ports/index.js'
import type { RedisClient } from './connectRedis.js'
import { defineScript } from './defineScript.js'
import type { RedisQueueNames } from './RedisQueueNames.js'
import { withStore } from './toStoreError.js'

export interface RedisJobQueueOptions {
  /** For commands; fails while Redis is away. */
  redis: RedisClient
  names: RedisQueueNames
  log: Pick<ResultLog, 'finish'>
}

/**
 * The server's side of a queue on BullMQ; `workRedisQueue` is the other. Small jobs wait in a queue beside it. A job
 * carries nothing but its name. It may begin any number of times: the worker that begins it counts its deaths.
 */
export function createRedisJobQueue({ redis, names, log }: RedisJobQueueOptions): JobQueue {
  const { bullPrefix, cancelChannel, workersKey } = names
  const queue = openQueue(redis, bullPrefix, names.queueName)
  const smallQueue = openQueue(redis, bullPrefix, names.smallQueueName)
  const queues = [queue, smallQueue]
  const health = defineScript(redis, 'queueHealth')
  const place = defineScript(redis, 'queuePlace')
  let isClosed = false

  /** BullMQ waits for its connection; a request should not. */
  function mustBeConnected() {
    if (redis.status !== 'ready') throw new Error('Redis is not connected')
  }

  return {
    async submit(jobId, { isSmall = false } = {}) {
      if (isClosed) throw new TraceError('QUEUE_UNAVAILABLE', 'The server is stopping and takes no more jobs')
      await withStore(async () => {
        mustBeConnected()
        await addJob(isSmall ? smallQueue : queue, jobId)
      })
    },

    async cancel(jobId) {
      await withStore(async () => {
        mustBeConnected()
        const removed = await Promise.all(queues.map((each) => each.remove(jobId)))
        // Also 1 where there was none: 0 says that a worker has it.
        if (!removed.includes(0)) await endCancelled(log, jobId)
        else await redis.publish(cancelChannel, jobId)
      })
    },

    place: (jobId) =>
      withStore(async () => {
        const keys = queues.flatMap((each) => [each.toKey('wait'), each.toKey(jobId)])
        return (await place(keys, { jobId })) as number | 'taken' | null
      }),

    async health() {
      if (isClosed) return { workers: 0, waiting: 0, running: 0 }
      const keys = queues.flatMap((each) => healthKeys(each))
      const counts = (await withStore(() => health([workersKey, ...keys], {}))) as [number, number, number]
      return { workers: counts[0], waiting: counts[1], running: counts[2] }
    },

    async close() {
      if (isClosed) return
      isClosed = true
      await Promise.all(queues.map((each) => each.close().catch(() => {})))
    },
  }
}

export function openQueue(redis: RedisClient, bullPrefix: string, queueName: string): Queue {
  const queue = new Queue(queueName, {
    connection: redis,
    prefix: bullPrefix,
    defaultJobOptions: { attempts: Number.MAX_SAFE_INTEGER, removeOnComplete: true, removeOnFail: true },
  })
  // Every command tells its own failure; the event repeats it.
  queue.on('error', () => {})
  return queue
}

/** What `queueHealth` counts of a queue. */
export function healthKeys(queue: Pick<Queue, 'toKey'>): string[] {
  return ['wait', 'delayed', 'active'].map((name) => queue.toKey(name))
}

/** BullMQ leaves one that it has already as it is. */
export async function addJob(queue: Queue, jobId: string) {
  await queue.add('trace', {}, { jobId })
}

/** Ends a job as cancelled; one that is not there needs no end. */
export async function endCancelled(log: Pick<ResultLog, 'finish'>, jobId: string) {
  const error = { code: 'JOB_CANCELLED', message: 'The job was cancelled' } as const
  await log.finish(jobId, null, { state: 'cancelled', error }).catch((cause: unknown) => {
    if (!isTraceError(cause) || cause.code !== 'JOB_NOT_FOUND') throw cause
  })
}
