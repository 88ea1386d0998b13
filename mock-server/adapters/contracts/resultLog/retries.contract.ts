import { describe, expect, it } from 'vitest'
import type { NewLogEntry } from '../../../ports/index.js'
import { identityCodec } from '../../memory/identityCodec.js'
import { at, commitOf, gone, job, records, snapshotOf, start, utf8, type LogFixture } from './logFixture.js'

/** An ended job goes on in the same log. */
export function describeRetries({ running }: LogFixture) {
  describe('retries', () => {
    it('goes on with a failed job from its checkpoints, in the same log', async () => {
      const { log, lease, now } = await running()
      await log.join('j', 'ann')
      await log.commit('j', lease, commitOf([start(2), records(3, 0, 5)], { history: at(1) }))
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
        ...{ head: 3, rows: 5, domains: [{ checkpoint: at(1) }, {}] },
      })
      expect((await snapshotOf(log)).expiresAtMs).toBeGreaterThanOrEqual(now() + 299_000)
      expect(await log.reopen('j', 'cid')).toBe(false)
      await expect(log.commit('j', lease, commitOf([], { history: at(2) }))).rejects.toMatchObject({
        code: 'STALE_LEASE',
      })

      const next = await log.open('j')
      expect(next.snapshot).toMatchObject({ attempt: 2, epoch, domains: [{ checkpoint: at(1) }, {}] })
      await log.commit('j', next.lease, commitOf([records(4, 1, 5)], { history: at(2) }))
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
      await log.commit('j', lease, commitOf(entries, { history: at(20), holds: at(20) }))
      const aggregation = identityCodec.encode(utf8.encode('{}\n'))
      await log.finish('j', lease, { state: 'completed', aggregation })
      expect(await log.reopen('j', 'ann')).toBe(true)
      expect(await log.aggregation('j')).toBeNull()
      expect(await log.snapshot('j')).toMatchObject({
        ...{ state: 'queued', head: 7, rows: 3 },
        domains: [
          { name: 'history', state: 'waiting', rows: 0, code: null, checkpoint: at(0) },
          { name: 'holds', state: 'done', rows: 3, code: null, checkpoint: at(20) },
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
