import { expect, it } from 'vitest'
import { createTestTrace } from '../testing/createTestTrace.js'
import { meterLog } from './meterLog.js'

const job = { owner: '', profile: 'p', domains: ['history'], cidCount: 1, createdAtMs: 0 }

it('counts commits, and each end of a job once', async () => {
  const { log: inner, clock } = createTestTrace()
  const seen: unknown[] = []
  const log = meterLog(
    inner,
    { committed: (tookMs) => seen.push(tookMs), ended: (state) => seen.push(state) },
    clock,
  )
  await log.create({ ...job, jobId: 'a' })
  const { lease } = await log.open('a')
  const progress = { phase: 'fetching', currentDomain: null, cidsDone: 0 } as const
  await log.commit('a', lease, [], { domainIndex: 0, idBatchesDone: 0, rowsDone: 0 }, progress)
  await log.finish('a', lease, { state: 'completed', aggregation: null })
  const lost = { state: 'failed', error: { code: 'WORKER_LOST', message: 'lost' } } as const
  await log.finish('a', null, lost)
  expect(seen).toEqual([0, 'completed'])
  await log.create({ ...job, jobId: 'b' })
  await log.finish('b', null, lost)
  await expect(log.finish('b', 9, lost)).rejects.toMatchObject({ code: 'STALE_LEASE' })
  expect(seen).toEqual([0, 'completed', 'failed'])
})
