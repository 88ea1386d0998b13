import { expect, it } from 'vitest'
import { createTestTrace } from '../testing/createTestTrace.js'
import { meterLog } from './meterLog.js'

const job = {
  owner: '',
  kind: 'events' as const,
  profile: 'p',
  domains: ['history'],
  cidCount: 1,
  createdAtMs: 0,
}

function setUp() {
  const { log: inner, clock } = createTestTrace()
  const seen: unknown[] = []
  const log = meterLog(
    inner,
    { committed: (tookMs) => seen.push(tookMs), ended: (state) => seen.push(state) },
    clock,
  )
  return { log, seen }
}

it('counts commits, and each end of a job once', async () => {
  const { log, seen } = setUp()
  await log.create({ ...job, jobId: 'a' })
  const { lease } = await log.open('a')
  const progress = { phase: 'fetching', currentDomain: null, cidsDone: 0 } as const
  await log.commit('a', lease, { entries: [], lists: [], checkpoints: new Map(), progress })
  await log.finish('a', lease, { state: 'completed', aggregation: null })
  const lost = { state: 'failed', error: { code: 'WORKER_LOST', message: 'lost' } } as const
  await log.finish('a', null, lost)
  expect(seen).toEqual([0, 'completed'])
  await log.create({ ...job, jobId: 'b' })
  await log.finish('b', null, lost)
  await expect(log.finish('b', 9, lost)).rejects.toMatchObject({ code: 'STALE_LEASE' })
  expect(seen).toEqual([0, 'completed', 'failed'])
})

it('counts a job that is cancelled while it waits, once, and leaves a running one to its worker', async () => {
  const { log, seen } = setUp()
  await log.create({ ...job, jobId: 'waits' })
  await log.leave('waits', null)
  await log.leave('waits', null)
  expect(seen).toEqual(['cancelled'])

  await log.create({ ...job, jobId: 'runs' })
  const { lease } = await log.open('runs')
  await log.leave('runs', null)
  expect(seen).toEqual(['cancelled'])
  const error = { code: 'JOB_CANCELLED', message: 'cancelled' } as const
  await log.finish('runs', lease, { state: 'cancelled', error })
  expect(seen).toEqual(['cancelled', 'cancelled'])
})
