import { expect, it } from 'vitest'
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

it('runs no job, not even a small one, without workers', async () => {
  const clock = createManualClock()
  const log = { finish: async () => {} }
  const handler = async () => expect.unreachable()
  const queue = createMemoryJobQueue({ handler, log, clock, workers: 0, ...QUEUE_TIMES })
  await queue.submit('j', { isSmall: true })
  expect(await queue.health()).toEqual({ workers: 0, waiting: 1, running: 0 })
  expect(await queue.place('j')).toBe(0)
})
