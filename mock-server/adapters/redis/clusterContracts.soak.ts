import { Cluster, Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { actOut } from '../contracts/actOut.js'
import { describeBatchStore } from '../contracts/batchStore.contract.js'
import { createManualClock } from '../../testing/createManualClock.js'
import { describeJobQueue, QUEUE_TIMES } from '../contracts/jobQueue.contract.js'
import { describeQuestionIndex } from '../contracts/questionIndex.contract.js'
import { describeResultLog, LOG_TTL } from '../contracts/resultLog.contract.js'
import { connectRedis, whenReady, type RedisClient } from './connectRedis.js'
import { createRedisBatchStore } from './createRedisBatchStore.js'
import { createRedisJobQueue } from './createRedisJobQueue.js'
import { createRedisQuestionIndex } from './createRedisQuestionIndex.js'
import { createRedisResultLog } from './createRedisResultLog.js'
import { redisQueueNames } from './RedisQueueNames.js'
import { startTestCluster, type TestCluster } from '../../testing/startTestCluster.js'
import { ageKeys, describeWithRedis } from '../../testing/testRedis.js'
import { workRedisQueue } from './workRedisQueue.js'

describeWithRedis('A Redis Cluster of three masters', () => {
  let cluster: TestCluster
  let redis: RedisClient
  let subscriber: RedisClient
  let masters: Redis[] = []
  let closers: (() => unknown)[] = []

  const address = () => ({ url: 'redis://127.0.0.1', clusterNodes: cluster.nodes })
  const freshPrefix = () => `test-${crypto.randomUUID()}`
  const advance = async (ms: number) => void (await Promise.all(masters.map((master) => ageKeys(master, ms))))

  function connect(kind: 'commands' | 'waiting') {
    const client = connectRedis(address(), kind)
    client.on('error', () => {})
    return client
  }

  function makeLog(prefix: string, ttl = LOG_TTL) {
    const log = createRedisResultLog({ redis, subscriber, prefix, budgetBytes: 0, ...ttl })
    closers.push(log.close)
    return log
  }

  beforeAll(async () => {
    cluster = await startTestCluster()
    redis = connect('commands')
    subscriber = connect('waiting')
    await whenReady(redis, 10_000)
    masters = cluster.masters.map(({ url }) => new Redis(url))
  }, 30_000)
  afterEach(async () => {
    for (const close of closers.reverse()) await close()
    closers = []
  })
  afterAll(async () => {
    for (const client of [redis, subscriber, ...masters]) client.disconnect()
    await cluster.remove()
  })

  describeResultLog('redis cluster', () => {
    return { log: makeLog(freshPrefix()), advance, now: Date.now, bounded: null }
  })

  describeBatchStore('redis cluster', () => {
    const store = createRedisBatchStore({ redis, prefix: freshPrefix(), budgetBytes: 0 })
    return { store, advance, bounded: null }
  })

  describeJobQueue('redis cluster', async ({ workers }) => {
    const prefix = freshPrefix()
    const names = redisQueueNames(prefix, 'trace-events')
    const log = makeLog(prefix, { ttlSeconds: 1000, unfinishedTtlSeconds: 1000 })
    const queue = createRedisJobQueue({ redis, names, log })
    const clock = createManualClock()
    const connection = connect('waiting')
    closers.push(() => connection.disconnect())
    const handler = (attempt: Parameters<typeof actOut>[0]) => actOut(attempt, log)
    const worker = workRedisQueue({
      ...{ handler, redis, connection, subscriber, names, log, clock, places: workers, ...QUEUE_TIMES },
    })
    await worker.ready
    const close = async () => {
      await worker.close()
      await queue.close()
    }
    return { queue: { ...queue, close }, log, clock }
  })

  describeQuestionIndex('redis cluster', () => {
    return { index: createRedisQuestionIndex({ redis, prefix: freshPrefix() }), advance }
  })

  it('spreads jobs over its nodes, each job whole on one', async () => {
    const log = makeLog(freshPrefix())
    const job = {
      owner: '',
      kind: 'events' as const,
      profile: 'p',
      domains: ['history'],
      cidCount: 1,
      createdAtMs: 0,
    }
    for (let n = 0; n < 30; n++) await log.create({ ...job, jobId: `job-${n}` })
    const keys = await Promise.all(masters.map((master) => master.keys('*:meta')))
    expect(redis).toBeInstanceOf(Cluster)
    for (const here of keys) expect(here.length).toBeGreaterThan(0)
  })
})
