import { describe, expect, it } from 'vitest'
import { gone, job, type LogFixture } from './logFixture.js'

/** A job is cancelled when its last caller leaves. */
export function describeCallers({ makeHarness, running }: LogFixture) {
  describe('callers', () => {
    it('cancels a queued job at once', async () => {
      const { log } = await makeHarness()
      await log.create(job('j'))
      expect(await log.leave('j', null)).toBe('cancelled')
      expect(await log.snapshot('j')).toMatchObject({ state: 'cancelled', error: { code: 'JOB_CANCELLED' } })
      await expect(log.open('j')).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
      expect(await log.leave('j', null)).toBe('ended')
    })

    it('marks a running job as being cancelled, and leaves its end to the writer', async () => {
      const { log, lease } = await running()
      expect(await log.leave('j', null)).toBe('cancelled')
      expect(await log.leave('j', null)).toBe('cancelled')
      expect(await log.snapshot('j')).toMatchObject({ state: 'running', cancelRequested: true })
      await expect(log.open('j')).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
      await log.finish('j', lease, { state: 'cancelled', error: { code: 'JOB_CANCELLED', message: 'gone' } })
      expect(await log.snapshot('j')).toMatchObject({ state: 'cancelled' })
      expect(await log.leave('j', null)).toBe('ended')
    })

    it('is cancelled when the last caller leaves, not before', async () => {
      const { log } = await running()
      for (const ticket of ['ann', 'bob', 'bob']) expect(await log.join('j', ticket)).toBe(true)
      expect(await log.leave('j', null)).toBe('wanted')
      expect(await log.leave('j', 'nobody')).toBe('wanted')
      expect(await log.leave('j', 'ann')).toBe('wanted')
      expect(await log.leave('j', 'ann')).toBe('wanted')
      expect(await log.snapshot('j')).toMatchObject({ cancelRequested: false })
      expect(await log.leave('j', 'bob')).toBe('cancelled')
      expect(await log.leave('j', 'bob')).toBe('cancelled')
      expect(await log.snapshot('j')).toMatchObject({ state: 'running', cancelRequested: true })
      expect(await log.join('j', 'cid')).toBe(false)
    })

    it('is cancelled without a ticket while at most one has asked', async () => {
      const { log } = await makeHarness()
      await log.create(job('j'))
      await log.join('j', 'ann')
      expect(await log.leave('j', null)).toBe('cancelled')
      expect(await log.snapshot('j')).toMatchObject({ state: 'cancelled', error: { code: 'JOB_CANCELLED' } })
      expect(await log.leave('j', 'ann')).toBe('ended')
      await log.create(job('k'))
      expect(await log.leave('k', null)).toBe('cancelled')
    })

    it('can be joined once it has completed, and not once it has failed', async () => {
      const { log, lease } = await running()
      await log.finish('j', lease, { state: 'completed', aggregation: null })
      expect(await log.join('j', 'ann')).toBe(true)
      expect(await log.leave('j', 'ann')).toBe('ended')
      expect(await log.snapshot('j')).toMatchObject({ state: 'completed' })
      const failing = await running('k')
      await failing.log.finish('k', failing.lease, { state: 'failed', error: gone })
      expect(await failing.log.join('k', 'ann')).toBe(false)
      for (const ask of [() => log.join('nobody', 'ann'), () => log.leave('nobody', null)]) {
        await expect(ask()).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
      }
    })
  })
}
