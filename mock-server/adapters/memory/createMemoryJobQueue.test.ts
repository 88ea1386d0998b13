import { createManualClock } from '../../testing/createManualClock.js'
import { actOut } from '../contracts/actOut.js'
import { describeJobQueue, QUEUE_TIMES } from '../contracts/jobQueue.contract.js'
import { createByteBudget } from './createByteBudget.js'
import { createMemoryJobQueue } from './createMemoryJobQueue.js'
import { createMemoryResultLog } from './createMemoryResultLog.js'

describeJobQueue('memory', ({ workers }) => {
  const clock = createManualClock()
  const budget = createByteBudget(2 ** 20)
  const log = createMemoryResultLog({ clock, budget, ttlSeconds: 1000, unfinishedTtlSeconds: 1000 })
  const handler = (attempt: Parameters<typeof actOut>[0]) => actOut(attempt, log)
  return { queue: createMemoryJobQueue({ handler, log, clock, workers, ...QUEUE_TIMES }), log, clock }
})
