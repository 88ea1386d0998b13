import { actOut } from '../contracts/actOut.js'
import { createManualClock } from '../../testing/createManualClock.js'
import { describeJobQueue, QUEUE_TIMES } from '../contracts/jobQueue.contract.js'
import { connectRedis } from './connectRedis.js'
import { createRedisJobQueue } from './createRedisJobQueue.js'
import { createRedisResultLog } from './createRedisResultLog.js'
import { redisQueueNames } from './RedisQueueNames.js'
import { describeWithRedis, useTestRedis } from '../../testing/testRedis.js'
import { workRedisQueue } from './workRedisQueue.js'

describeWithRedis('JobQueue on Redis', () => {
  const fixture = useTestRedis()

  function setUp() {
    const { redis, subscriber } = fixture
    const prefix = fixture.freshPrefix()
    const names = redisQueueNames(prefix, 'trace-events')
    const log = createRedisResultLog({
      redis,
      subscriber,
      prefix,
      budgetBytes: 0,
      ttlSeconds: 1000,
      unfinishedTtlSeconds: 1000,
    })
    fixture.closeAfter(log.close)
    const queue = createRedisJobQueue({ redis, names, log })
    return { names, log, queue }
  }

  describeJobQueue('redis', async ({ workers }) => {
    const { names, log, queue } = setUp()
    const clock = createManualClock()
    const { redis, subscriber, address } = fixture
    const connection = connectRedis(address, 'waiting')
    fixture.closeAfter(() => connection.disconnect())
    const worker = workRedisQueue({
      handler: (attempt) => actOut(attempt, log),
      ...{ redis, subscriber, connection, names, log, clock, places: workers, ...QUEUE_TIMES },
    })
    await worker.ready
    return {
      queue: {
        ...queue,
        async close() {
          await worker.close()
          await queue.close()
        },
      },
      log,
      clock,
    }
  })
})
