import { expect, it, vi } from 'vitest'
import { isTraceError, TraceError } from '../../../src/errors.js'
import type { JobHandler, JobSnapshot, JobAttempt } from '../../ports/index.js'
import { systemClock } from '../../../src/async/clock.js'
import { connectRedis, whenReady } from './connectRedis.js'
import { createRedisJobQueue } from './createRedisJobQueue.js'
import { createRedisResultLog } from './createRedisResultLog.js'
import { jobKeys } from './jobKeys.js'
import { redisQueueNames } from './RedisQueueNames.js'
import { describeWithRedis, useTestRedis } from '../../testing/testRedis.js'
import { workRedisQueue } from './workRedisQueue.js'
import { plainJob } from '../contracts/plainJob.js'

const TTL = { ttlSeconds: 1000, unfinishedTtlSeconds: 1000 }

describeWithRedis('workRedisQueue', () => {
  const fixture = useTestRedis({ isPersistent: true, settings: ['--appendfsync', 'always'] })

  function setUp() {
    const { redis, subscriber, address } = fixture
    const prefix = fixture.freshPrefix()
    const names = redisQueueNames(prefix, 'trace-events')
    const log = createRedisResultLog({ redis, subscriber, prefix, budgetBytes: 0, ...TTL })
    const queue = createRedisJobQueue({ redis, names, log })
    fixture.closeAfter(log.close)
    fixture.closeAfter(queue.close)

    /** A worker with connections of its own; `vanish` takes them away as a kill does. */
    async function startWorker(handler: JobHandler) {
      const clients = [
        connectRedis(address, 'commands'),
        connectRedis(address, 'waiting'),
        connectRedis(address, 'waiting'),
      ]
      for (const client of clients) client.on('error', () => {})
      const [own, connection, ownSubscriber] = clients as [typeof redis, typeof redis, typeof redis]
      await whenReady(own, 5_000)
      const times = { clock: systemClock, timeoutMs: 60_000, graceMs: 100 }
      const worker = workRedisQueue({
        handler,
        redis: own,
        connection,
        subscriber: ownSubscriber,
        names,
        log,
        ...times,
      })
      await worker.ready
      let isGone = false
      const vanish = () => {
        isGone = true
        for (const client of clients) client.disconnect()
      }
      fixture.closeAfter(async () => {
        if (!isGone) await worker.close()
        vanish()
      })
      return { ...worker, vanish }
    }

    async function submit(jobId: string) {
      await log.create(plainJob(jobId))
      await queue.submit(jobId)
    }

    async function until(jobId: string, isIt: (job: JobSnapshot) => boolean) {
      for (;;) {
        const job = await log.snapshot(jobId)
        if (job === null || job === 'expired') throw new Error(`job is ${job}`)
        if (isIt(job)) return job
        await log.changed(jobId, job, AbortSignal.timeout(500))
      }
    }

    /** Opens the job and completes it. */
    const complete: JobHandler = async ({ jobId }) => {
      const { lease } = await log.open(jobId)
      await log.finish(jobId, lease, { state: 'completed', aggregation: null })
    }

    return { log, queue, prefix, startWorker, submit, until, complete }
  }

  /** A handler that opens the job and then waits to be stopped. */
  function holdUntilStopped(log: ReturnType<typeof setUp>['log'], attempts: JobAttempt[] = []): JobHandler {
    return async (attempt) => {
      attempts.push(attempt)
      await log.open(attempt.jobId)
      await new Promise((_, reject) => {
        attempt.signal.addEventListener('abort', () => reject(attempt.signal.reason as Error))
      })
    }
  }

  it(
    'hands the job of a worker that vanished to another, and stops counting the first',
    { timeout: 20_000 },
    async () => {
      const { log, queue, startWorker, submit, until, complete } = setUp()
      const first = await startWorker(holdUntilStopped(log))
      await submit('j')
      await until('j', ({ state }) => state === 'running')
      await startWorker(complete)
      const goneAtMs = Date.now()
      first.vanish()
      expect(await until('j', ({ state }) => state === 'completed')).toMatchObject({ attempt: 2 })
      expect(Date.now() - goneAtMs).toBeLessThan(10_000)
      await vi.waitUntil(async () => (await queue.health()).workers === 1, { timeout: 8_000 })
    },
  )

  it('counts no workers where nobody listens', async () => {
    const { queue, startWorker, complete } = setUp()
    expect(await queue.health()).toEqual({ workers: 0, waiting: 0, running: 0 })
    const worker = await startWorker(complete)
    expect((await queue.health()).workers).toBe(1)
    await worker.close()
    expect((await queue.health()).workers).toBe(0)
  })

  it('hears of a cancel although the message is lost', async () => {
    const { log, startWorker, submit, until } = setUp()
    const attempts: JobAttempt[] = []
    await startWorker(holdUntilStopped(log, attempts))
    await submit('j')
    await until('j', ({ state }) => state === 'running')
    await log.leave('j', null)
    expect(await until('j', ({ state }) => state !== 'running')).toMatchObject({ state: 'cancelled' })
    const reason: unknown = attempts[0]!.signal.reason
    expect(isTraceError(reason) && reason.code).toBe('JOB_CANCELLED')
  })

  it('ends a job that was being cancelled when its worker died', async () => {
    const { log, startWorker, submit, until, complete } = setUp()
    await submit('j')
    await log.open('j')
    await log.leave('j', null)
    await startWorker((attempt) => complete(attempt).catch(() => {}))
    expect(await until('j', ({ completedAtMs }) => completedAtMs !== null)).toMatchObject({
      state: 'cancelled',
    })
  })

  it('ends a job again whose end was lost, once it is submitted again', async () => {
    const { log, queue, prefix, startWorker, submit, until, complete } = setUp()
    await startWorker(complete)
    await submit('j')
    await until('j', ({ state }) => state === 'completed')
    await vi.waitUntil(async () => (await queue.health()).running === 0)
    // As a node of a cluster has it that was restarted, and the queue's was not.
    const { meta } = jobKeys(prefix, 'j')
    await fixture.admin.hset(meta, 'state', 'running')
    await fixture.admin.hdel(meta, 'completedAtMs')
    expect(await log.snapshot('j')).toMatchObject({ state: 'running' })
    await queue.submit('j')
    expect(await until('j', ({ state }) => state === 'completed')).toMatchObject({ attempt: 2 })
  })

  it('does not count handing back as dying', { timeout: 20_000 }, async () => {
    const { log, startWorker, submit, until, complete } = setUp()
    await submit('j')
    for (const attempt of [1, 2, 3, 4]) {
      const worker = await startWorker(holdUntilStopped(log))
      await until('j', (job) => job.attempt === attempt && job.state === 'running')
      await worker.close()
    }
    await startWorker(complete)
    expect(await until('j', ({ state }) => state === 'completed')).toMatchObject({ attempt: 5 })
  })

  it('does not count as dying that the store was away', { timeout: 20_000 }, async () => {
    const { startWorker, submit, until, complete } = setUp()
    let attempts = 0
    await startWorker(async (attempt) => {
      attempts += 1
      if (attempts < 5) throw new TraceError('STORE_UNAVAILABLE', 'away')
      await complete(attempt)
    })
    await submit('j')
    await until('j', ({ state }) => state === 'completed')
  })

  it('goes on by itself when Redis is back', { timeout: 20_000 }, async () => {
    const { log, queue, startWorker, submit, until, complete } = setUp()
    let attempts = 0
    await startWorker(async (attempt) => {
      attempts += 1
      if (attempts > 1) return complete(attempt)
      await log.open(attempt.jobId)
      await fixture.server.stop('SIGKILL')
      await log.open(attempt.jobId)
    })
    await submit('j')
    await vi.waitUntil(() => attempts === 1 && fixture.redis.status !== 'ready')
    await expect(queue.submit('k')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(queue.health()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await fixture.server.start()
    await whenReady(fixture.redis, 10_000)
    await until('j', ({ state }) => state === 'completed')
    expect(attempts).toBe(2)
  })
})
