import { expect, it } from 'vitest'
import { createManualClock } from '../../testing/createManualClock.js'
import { describeResultLog, LOG_TTL } from '../contracts/resultLog.contract.js'
import { createByteBudget } from './createByteBudget.js'
import { createMemoryResultLog } from './createMemoryResultLog.js'

function setUp(bytes: number) {
  const clock = createManualClock()
  const budget = createByteBudget(bytes)
  return { clock, budget, log: createMemoryResultLog({ clock, budget, ...LOG_TTL }) }
}

const descriptor = (jobId: string) => ({
  jobId,
  owner: '',
  kind: 'events' as const,
  profile: 'query_tool',
  domains: ['history'],
  cidCount: 1,
  createdAtMs: 0,
})

describeResultLog('memory', () => {
  const { clock, log } = setUp(2 ** 20)
  return { log, advance: clock.advance, now: clock.now, bounded: (bytes) => setUp(bytes).log }
})

it('gives its bytes back when jobs are deleted or swept away', async () => {
  const { log, budget, clock } = setUp(2 ** 20)
  await log.create(descriptor('a'))
  await log.create(descriptor('b'))
  const one = budget.usedBytes() / 2
  await log.delete('a')
  expect(budget.usedBytes()).toBe(one)
  await clock.advance(LOG_TTL.unfinishedTtlSeconds * 1000)
  log.sweep()
  expect(budget.usedBytes()).toBe(0)
  expect(await log.snapshot('b')).toBe('expired')
})

it('gives up ended jobs, oldest first, and never one that runs', async () => {
  const { log } = setUp(2 ** 20)
  for (const jobId of ['runs', 'old', 'new']) {
    await log.create(descriptor(jobId))
    const { lease } = await log.open(jobId)
    if (jobId !== 'runs') await log.finish(jobId, lease, { state: 'completed', aggregation: null })
  }
  expect(log.dropOldestEnded()).toBe(true)
  expect(await log.snapshot('old')).toBe('expired')
  expect(log.dropOldestEnded()).toBe(true)
  expect(log.dropOldestEnded()).toBe(false)
  expect(await log.snapshot('runs')).toMatchObject({ state: 'running' })
})

it('forgets the oldest of very many expired jobs', async () => {
  const { log, clock } = setUp(2 ** 30)
  for (let i = 0; i <= 10_000; i++) await log.create(descriptor(`job-${i}`))
  await clock.advance(LOG_TTL.unfinishedTtlSeconds * 1000)
  log.sweep()
  expect(await log.snapshot('job-0')).toBeNull()
  expect(await log.snapshot('job-10000')).toBe('expired')
})
