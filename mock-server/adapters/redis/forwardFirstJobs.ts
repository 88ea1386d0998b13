import { Worker } from 'bullmq'
import type { Clock } from '../../ports/index.js'
import type { RedisClient } from './connectRedis.js'
import { addJob, healthKeys, openQueue } from './createRedisJobQueue.js'
import { defineScript } from './defineScript.js'
import type { RedisQueueNames } from './RedisQueueNames.js'

/** How often to look whether workers of the first format are still there. */
const LOOK_EVERY_MS = 5_000

interface Options {
  /** For commands; fails while Redis is away. */
  redis: RedisClient
  /** For BullMQ; waits while Redis is away. */
  connection: RedisClient
  names: RedisQueueNames
  clock: Pick<Clock, 'sleep'>
  /** BullMQ's times of locks. */
  locks: { lockDuration: number; lockRenewTime: number; stalledInterval: number }
}

/**
 * Takes jobs of the first format that an update has left without workers to the queue of the present format; a worker
 * brings them up when it opens them. While workers of the first format are there the jobs are theirs.
 */
export function forwardFirstJobs({ redis, connection, names, clock, locks }: Options) {
  const { bullPrefix, queueName, firstQueueName, firstWorkersKey } = names
  const queue = openQueue(redis, bullPrefix, queueName)
  const health = defineScript(redis, 'queueHealth')
  const forwarder = new Worker(firstQueueName, (job) => addJob(queue, job.id!), {
    ...{ connection, prefix: bullPrefix, autorun: false, ...locks },
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  })
  // The queue beside it complains of the same.
  forwarder.on('error', () => {})
  const closing = new AbortController()

  async function areWorkersThere(): Promise<boolean> {
    const [workers] = (await health([firstWorkersKey, ...healthKeys(forwarder)], {})) as [number]
    return workers > 0
  }

  async function start() {
    await forwarder.waitUntilReady()
    // While Redis is away nobody knows.
    while (await areWorkersThere().catch(() => true)) {
      await clock.sleep(LOOK_EVERY_MS, closing.signal).catch(() => {})
      if (closing.signal.aborted) return
    }
    if (!closing.signal.aborted) await forwarder.run()
  }
  void start().catch(() => {})

  return {
    async close() {
      closing.abort()
      // Without waiting: a job that is half forwarded is forwarded again.
      await Promise.all([forwarder.close(true), queue.close()].map((closed) => closed.catch(() => {})))
    },
  }
}
