import { describe, expect, it } from 'vitest'
import type { NewLogEntry } from '../../../ports/index.js'
import { identityCodec } from '../../memory/identityCodec.js'
import { at, commitOf, gone, job, records, start, type LogFixture } from './logFixture.js'

const DAY_MS = 86_400_000

/** What is kept, for how long, and how much of it. */
export function describeLifetimes({ makeHarness, running }: LogFixture) {
  describe('lifetimes', () => {
    it('forgets an ended job when its time is over, and says so for a day', async () => {
      const { log, lease, advance } = await running()
      await log.commit('j', lease, commitOf([start(2), records(3, 0, 5)], { history: at(1) }))
      await log.finish('j', lease, { state: 'completed', aggregation: null })
      await advance(99_000)
      expect(await log.snapshot('j')).toMatchObject({ state: 'completed' })
      await advance(2_000)
      expect(await log.snapshot('j')).toBe('expired')
      // Readers on their way are told the same.
      const expired = { code: 'JOB_RESULT_EXPIRED' }
      await expect(log.chunk('j', 3)).rejects.toMatchObject(expired)
      await expect(log.entries('j', 1, 10)).rejects.toMatchObject(expired)
      await expect(log.aggregation('j')).rejects.toMatchObject(expired)
      await advance(DAY_MS)
      expect(await log.snapshot('j')).toBeNull()
    })

    it('keeps a job that shows signs of life', async () => {
      const { log, lease, advance } = await running()
      await advance(250_000)
      await log.commit('j', lease, commitOf([], { history: at(0) }))
      await advance(250_000)
      expect(await log.snapshot('j')).toMatchObject({ state: 'running' })
      await advance(51_000)
      expect(await log.snapshot('j')).toBe('expired')
    })

    it('deletes a job without a trace', async () => {
      const { log } = await running()
      await log.delete('j')
      expect(await log.snapshot('j')).toBeNull()
    })

    it('refuses rows that do not fit with RESULT_TOO_LARGE, and new jobs with MEMORY_GUARD', async () => {
      const { bounded } = await makeHarness()
      if (!bounded) return
      const log = bounded(20_000)
      await log.create(job('j'))
      const { lease } = await log.open('j')
      const chunk = identityCodec.encode(new Uint8Array(30_000))
      const large: NewLogEntry = {
        seq: 2,
        domain: 'history',
        type: 'records',
        batch: 0,
        count: 1,
        textBytes: 30_000,
        chunk,
      }
      await expect(log.commit('j', lease, commitOf([large], { history: at(1) }))).rejects.toMatchObject({
        code: 'RESULT_TOO_LARGE',
      })
      expect(await log.snapshot('j')).toMatchObject({ head: 1, domains: [{ checkpoint: at(0) }, {}] })

      const crowd = async () => {
        for (let i = 0; i < 1000; i++) await log.create(job(`crowd-${i}`))
      }
      await expect(crowd()).rejects.toMatchObject({ code: 'MEMORY_GUARD' })
      await log.finish('j', lease, { state: 'failed', error: gone })
      expect(await log.snapshot('j')).toMatchObject({ state: 'failed' })
    })
  })
}
