import { describe, expect, it } from 'vitest'
import { NEVER, at, commitOf, snapshotOf, start, type LogFixture } from './logFixture.js'

/** Waiting readers are told of what is new. */
export function describeChanges({ running }: LogFixture) {
  describe('changes', () => {
    it('tells at once when a job is not as seen, else when it changes', async () => {
      const { log, lease } = await running()
      const seen = await snapshotOf(log)
      await log.changed('j', { ...seen, head: seen.head - 1 }, NEVER)
      await log.changed('j', { ...seen, state: 'queued' }, NEVER)
      await log.changed('j', { ...seen, epoch: 'another' }, NEVER)

      for (const change of [
        () => log.commit('j', lease, commitOf([start(2)], { history: at(0) })),
        () => log.finish('j', lease, { state: 'completed', aggregation: null }),
      ]) {
        let told = false
        const waiting = log.changed('j', await snapshotOf(log), NEVER).then(() => (told = true))
        await Promise.resolve()
        expect(told).toBe(false)
        await change()
        await waiting
      }
    })

    it('stops waiting for a change when asked to, without complaint', async () => {
      const { log } = await running()
      const controller = new AbortController()
      const waiting = log.changed('j', await snapshotOf(log), controller.signal)
      controller.abort()
      await waiting
      await log.changed('j', await snapshotOf(log), controller.signal)
    })
  })
}
