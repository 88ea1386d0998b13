import { describe, expect, it } from 'vitest'
import type { NewLogEntry } from '../../../ports/index.js'
import { identityCodec } from '../../memory/identityCodec.js'
import { FETCHING, at, gone, job, records, snapshotOf, start, utf8, type LogFixture } from './logFixture.js'

/** An ended job goes on in the same log. */
export function describeRetries({ running }: LogFixture) {
  describe('retries', () => {
    it('goes on with a failed job from its checkpoint, in the same log', async () => {
      const { log, lease, now } = await running()
      await log.join('j', 'ann')
      await log.commit('j', lease, [start(2), records(3, 0, 5)], at(0, 1), FETCHING)
      const { epoch } = await snapshotOf(log)
      await log.finish('j', lease, { state: 'failed', error: gone })
      expect(await log.reopen('j', 'bob')).toBe(true)
      expect(await log.snapshot('j')).toMatchObject({
        ...{
          state: 'queued',
          phase: 'queued',
          epoch,
          error: null,
          completedAtMs: null,
          cancelRequested: false,
        },
        ...{ head: 3, rows: 5, checkpoint: at(0, 1) },
      })
      expect((await snapshotOf(log)).expiresAtMs).toBeGreaterThanOrEqual(now() + 299_000)
      expect(await log.reopen('j', 'cid')).toBe(false)
      await expect(log.commit('j', lease, [], at(0, 2), FETCHING)).rejects.toMatchObject({
        code: 'STALE_LEASE',
      })

      const next = await log.open('j')
      expect(next.snapshot).toMatchObject({ attempt: 2, epoch, checkpoint: at(0, 1) })
      await log.commit('j', next.lease, [records(4, 1, 5)], at(0, 2), FETCHING)
      expect(await log.leave('j', 'bob')).toBe('cancelled')
    })

    it('goes on with the failed domains of a completed job', async () => {
      const { log, lease } = await running()
      const ended: NewLogEntry = { seq: 7, domain: 'holds', type: 'domain_end', count: 3 }
      const failed: NewLogEntry = {
        ...{ seq: 4, domain: 'history', type: 'domain_failed', code: 'JOB_FAILED', fromSeq: 2 },
      } as NewLogEntry
      const entries = [
        start(2),
        records(3, 0, 5),
        failed,
        start(5, 'holds'),
        records(6, 0, 3, 'holds'),
        ended,
      ]
      await log.commit('j', lease, entries, at(2, 0), FETCHING)
      const aggregation = identityCodec.encode(utf8.encode('{}\n'))
      await log.finish('j', lease, { state: 'completed', aggregation })
      expect(await log.reopen('j', 'ann')).toBe(true)
      expect(await log.aggregation('j')).toBeNull()
      expect(await log.snapshot('j')).toMatchObject({
        ...{ state: 'queued', head: 7, rows: 3, checkpoint: at(0, 0) },
        domains: [
          { name: 'history', state: 'waiting', rows: 0, code: null },
          { name: 'holds', state: 'done', rows: 3, code: null },
        ],
      })
    })

    it('has nothing to go on with after a whole result or a cancel', async () => {
      const { log, lease } = await running()
      expect(await log.reopen('j', 'ann')).toBe(false)
      await log.finish('j', lease, { state: 'completed', aggregation: null })
      expect(await log.reopen('j', 'ann')).toBe(false)
      await log.create(job('k'))
      await log.leave('k', null)
      expect(await log.reopen('k', 'ann')).toBe(false)
      await expect(log.reopen('nobody', 'ann')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
    })
  })
}
