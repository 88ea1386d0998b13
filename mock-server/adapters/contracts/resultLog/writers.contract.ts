import { describe, expect, it } from 'vitest'
import { at, commitOf, gone, records, snapshotOf, start, type LogFixture } from './logFixture.js'

/** One writer at a time; another goes on where it left off. */
export function describeWriters({ running }: LogFixture) {
  describe('writers', () => {
    it('refuses a writer that another has replaced, and keeps nothing of it', async () => {
      const { log, lease: old } = await running()
      await log.commit('j', old, commitOf([start(2), records(3, 0, 5)], { history: at(1) }))
      const { lease, snapshot } = await log.open('j')
      expect(snapshot).toMatchObject({
        attempt: 2,
        head: 3,
        domains: [{ checkpoint: at(1) }, {}],
        state: 'running',
      })

      const stale = { code: 'STALE_LEASE' }
      await expect(
        log.commit('j', old, commitOf([records(4, 1, 5)], { history: at(2) })),
      ).rejects.toMatchObject(stale)
      await expect(log.finish('j', old, { state: 'completed', aggregation: null })).rejects.toMatchObject(
        stale,
      )
      expect(await log.snapshot('j')).toMatchObject({ head: 3, state: 'running' })

      await log.commit('j', lease, commitOf([records(4, 1, 5)], { history: at(2) }))
      expect(await log.snapshot('j')).toMatchObject({ head: 4, rows: 10 })
    })

    it('keeps epoch and start when another writer takes over', async () => {
      const { log, advance } = await running()
      const before = await snapshotOf(log)
      await advance(5_000)
      const { snapshot } = await log.open('j')
      expect(snapshot.epoch).toBe(before.epoch)
      expect(snapshot.startedAtMs).toBe(before.startedAtMs)
    })

    it("lets the queue end a job in its absent writer's place", async () => {
      const { log, lease } = await running()
      await log.finish('j', null, { state: 'failed', error: gone })
      expect(await log.snapshot('j')).toMatchObject({ state: 'failed', error: gone })
      await expect(log.commit('j', lease, commitOf([], { history: at(0) }))).rejects.toMatchObject({
        code: 'STALE_LEASE',
      })
    })
  })
}
