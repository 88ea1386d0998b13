import { describe, expect, it } from 'vitest'
import { identityCodec } from '../../memory/identityCodec.js'
import { FETCHING, at, commitOf, gone, snapshotOf, start, utf8, type LogFixture } from './logFixture.js'

/** How a job ends, and that it has. */
export function describeEndings({ running }: LogFixture) {
  describe('endings', () => {
    it('completes with an aggregation, and starts the time to live then', async () => {
      const { log, lease, advance, now } = await running()
      await advance(50_000)
      const aggregation = identityCodec.encode(utf8.encode('{"type":"aggregation","data":{}}\n'))
      await log.finish('j', lease, { state: 'completed', aggregation })
      const snapshot = await snapshotOf(log)
      expect(snapshot).toMatchObject({ state: 'completed', phase: 'done', error: null, currentDomain: null })
      expect(snapshot.completedAtMs).toBeGreaterThanOrEqual(now() - 1_000)
      expect(snapshot.expiresAtMs).toBe(snapshot.completedAtMs! + 100_000)
      const stored = await log.aggregation('j')
      expect(new TextDecoder().decode(stored!.bytes)).toBe('{"type":"aggregation","data":{}}\n')
    })

    it('completes without an aggregation', async () => {
      const { log, lease } = await running()
      await log.finish('j', lease, { state: 'completed', aggregation: null })
      expect(await log.aggregation('j')).toBeNull()
    })

    it('keeps the phase in which a job failed, and why', async () => {
      const { log, lease } = await running()
      await log.commit(
        'j',
        lease,
        commitOf([start(2)], { history: at(0) }, { progress: { ...FETCHING, phase: 'aggregating' } }),
      )
      await log.finish('j', lease, { state: 'failed', error: { code: 'JOB_TIMEOUT', message: 'too slow' } })
      expect(await log.snapshot('j')).toMatchObject({
        state: 'failed',
        phase: 'aggregating',
        error: { code: 'JOB_TIMEOUT', message: 'too slow' },
      })
    })

    it('takes nothing more once a job has ended', async () => {
      const { log, lease } = await running()
      await log.finish('j', lease, { state: 'completed', aggregation: null })
      await expect(log.commit('j', lease, commitOf([], { history: at(0) }))).rejects.toMatchObject({
        code: 'STALE_LEASE',
      })
      await expect(log.open('j')).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
      await log.finish('j', null, { state: 'failed', error: gone })
      expect(await log.snapshot('j')).toMatchObject({ state: 'completed', error: null })
    })
  })
}
