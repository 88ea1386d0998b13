import { describe, expect, it } from 'vitest'
import type { CommitProgress, NewLogEntry } from '../../../ports/index.js'
import { identityCodec } from '../../memory/identityCodec.js'
import {
  FETCHING,
  NEVER,
  at,
  checkpointsOf,
  commitOf,
  job,
  records,
  snapshotOf,
  start,
  type LogFixture,
} from './logFixture.js'

/** What is written is there, in order, all of it or nothing. */
export function describeCommits({ makeHarness, running }: LogFixture) {
  describe('commits', () => {
    it('makes a queued job with an empty log', async () => {
      const { log, now } = await makeHarness()
      const before = now()
      await log.create(job('j'))
      expect(await log.snapshot('j')).toMatchObject({
        ...job('j'),
        state: 'queued',
        phase: 'queued',
        attempt: 0,
        head: 1,
        stages: { seedsAfter: null, areSeedsDone: false, seedsTraced: 0 },
        domains: [
          { name: 'history', state: 'waiting', rows: 0, code: null, checkpoint: at(0) },
          { name: 'holds', state: 'waiting', rows: 0, code: null, checkpoint: at(0) },
        ],
        currentDomain: null,
        cidsDone: 0,
        seedsDone: 0,
        seedsTotal: null,
        rows: 0,
        textBytes: 0,
        startedAtMs: null,
        completedAtMs: null,
        error: null,
        cancelRequested: false,
      })
      expect((await snapshotOf(log)).expiresAtMs).toBeGreaterThanOrEqual(before + 300_000)
      expect(await log.entries('j', 1, 10)).toEqual([])
    })

    it('keeps where a domain without ids goes on, told from its beginning and its end', async () => {
      const { log, lease } = await running()
      for (const after of ['2026-05-01|machine 7', null]) {
        const checkpoints = new Map([['history', { ...at(0), after }]])
        await log.commit('j', lease, { entries: [], lists: [], checkpoints, progress: FETCHING })
        const [history, holds] = (await snapshotOf(log)).domains
        expect(history?.checkpoint).toEqual({ ...at(0), after })
        expect(holds?.checkpoint).toEqual(at(0))
      }
    })

    it('gives every job an epoch of its own', async () => {
      const { log } = await makeHarness()
      await log.create(job('a'))
      await log.create(job('b'))
      expect((await snapshotOf(log, 'a')).epoch).not.toBe((await snapshotOf(log, 'b')).epoch)
    })

    it('knows nothing of a job that never was', async () => {
      const { log } = await makeHarness()
      expect(await log.snapshot('nobody')).toBeNull()
      await expect(log.open('nobody')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
      await log.delete('nobody')
      await log.changed('nobody', { head: 1, state: 'queued', epoch: '' }, NEVER)
    })

    it('appends entries and moves the checkpoint together', async () => {
      const { log, lease } = await running()
      const progress: CommitProgress = { phase: 'fetching', currentDomain: 'history', cidsDone: 10 }
      await log.commit(
        'j',
        lease,
        commitOf([start(2), records(3, 0, 5), records(4, 1, 2)], { history: at(1) }, { progress }),
      )
      const snapshot = await snapshotOf(log)
      expect(snapshot).toMatchObject({
        state: 'running',
        phase: 'fetching',
        attempt: 1,
        head: 4,
        currentDomain: 'history',
        cidsDone: 10,
        rows: 7,
        textBytes: 20,
      })
      expect(snapshot.domains).toEqual([
        { name: 'history', state: 'running', rows: 7, code: null, checkpoint: at(1) },
        { name: 'holds', state: 'waiting', rows: 0, code: null, checkpoint: at(0) },
      ])
      expect(await log.entries('j', 1, 10)).toEqual([
        { seq: 2, domain: 'history', type: 'domain_start' },
        { seq: 3, domain: 'history', type: 'records', batch: 0, count: 5, textBytes: 10 },
        { seq: 4, domain: 'history', type: 'records', batch: 1, count: 2, textBytes: 10 },
      ])
    })

    it('reads entries from anywhere, a few at a time', async () => {
      const { log, lease } = await running()
      const entries = [start(2), ...[3, 4, 5, 6].map((seq) => records(seq, seq - 3, 1))]
      await log.commit('j', lease, commitOf(entries, { history: at(1) }))
      expect((await log.entries('j', 0, 2)).map(({ seq }) => seq)).toEqual([2, 3])
      expect((await log.entries('j', 3, 2)).map(({ seq }) => seq)).toEqual([4, 5])
      expect(await log.entries('j', 6, 2)).toEqual([])
      expect(await log.entries('j', 60, 2)).toEqual([])
    })

    it('gives back the text of each records line', async () => {
      const { log, lease } = await running()
      await log.commit('j', lease, commitOf([start(2), records(3, 0, 5)], { history: at(1) }))
      const chunk = await log.chunk('j', 3)
      expect(new TextDecoder().decode(identityCodec.decode(chunk))).toBe('{"seq":3}\n')
      await expect(log.chunk('j', 2)).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
      await expect(log.chunk('j', 9)).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
      await expect(log.chunk('nobody', 3)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
    })

    it('takes progress without entries, and checkpoints of ids that are done before others', async () => {
      const { log, lease } = await running()
      await log.commit('j', lease, commitOf([start(2), records(3, 0, 5)], { history: at(0, [1, 2]) }))
      expect(await checkpointsOf(log)).toEqual({ history: at(0, [1, 2]), holds: at(0) })
      await log.commit(
        'j',
        lease,
        commitOf([], { history: at(3) }, { progress: { ...FETCHING, cidsDone: 3, phase: 'aggregating' } }),
      )
      expect(await log.snapshot('j')).toMatchObject({
        head: 3,
        domains: [{ checkpoint: at(3) }, {}],
        cidsDone: 3,
        phase: 'aggregating',
      })
    })

    it('refuses a gap or a repetition, and keeps nothing of it', async () => {
      const { log, lease } = await running()
      await log.commit('j', lease, commitOf([start(2)], { history: at(0) }))
      for (const entries of [[records(4, 0, 1)], [records(2, 0, 1)], [records(3, 0, 1), records(5, 1, 1)]]) {
        await expect(log.commit('j', lease, commitOf(entries, { history: at(9) }))).rejects.toMatchObject({
          code: 'SEQUENCE_GAP',
        })
      }
      expect(await log.snapshot('j')).toMatchObject({
        head: 2,
        domains: [{ checkpoint: at(0) }, {}],
        rows: 0,
      })
    })

    it('counts the rows of domains that end, and none of those that fail', async () => {
      const { log, lease } = await running()
      const ended: NewLogEntry = { seq: 4, domain: 'history', type: 'domain_end', count: 5 }
      const failed: NewLogEntry = {
        seq: 7,
        domain: 'holds',
        type: 'domain_failed',
        code: 'JOB_FAILED',
        fromSeq: 5,
      }
      const first = [start(2), records(3, 0, 5), ended]
      await log.commit('j', lease, commitOf(first, { history: at(20) }))
      await log.commit(
        'j',
        lease,
        commitOf([start(5, 'holds'), records(6, 0, 3, 'holds'), failed], { history: at(20), holds: at(20) }),
      )
      expect(await log.snapshot('j')).toMatchObject({
        rows: 5,
        head: 7,
        domains: [
          { name: 'history', state: 'done', rows: 5, code: null, checkpoint: at(20) },
          { name: 'holds', state: 'failed', rows: 0, code: 'JOB_FAILED', checkpoint: at(20) },
        ],
      })
      expect((await log.entries('j', 6, 1))[0]).toEqual(failed)
    })

    it('begins a failed domain anew', async () => {
      const { log, lease } = await running()
      const failed: NewLogEntry = {
        seq: 4,
        domain: 'history',
        type: 'domain_failed',
        code: 'JOB_FAILED',
        fromSeq: 2,
      }
      await log.commit('j', lease, commitOf([start(2), records(3, 0, 5), failed], { history: at(20) }))
      await log.commit('j', lease, commitOf([start(5), records(6, 0, 4)]))
      expect((await snapshotOf(log)).domains[0]).toEqual({
        name: 'history',
        state: 'running',
        rows: 4,
        code: null,
        checkpoint: at(0),
      })
    })

    it("takes a commit's checkpoint of a domain that begins in it", async () => {
      const { log, lease } = await running()
      await log.commit('j', lease, commitOf([start(2), records(3, 0, 5)], { history: at(9) }))
      await log.commit('j', lease, commitOf([start(4), records(5, 0, 5)], { history: at(3) }))
      expect(await checkpointsOf(log)).toEqual({ history: at(3), holds: at(0) })
    })

    it('hands out snapshots that later commits leave alone, and takes what the writer may change', async () => {
      const { log, lease } = await running()
      const before = await snapshotOf(log)
      await log.commit('j', lease, commitOf([start(2), records(3, 0, 5)], { history: at(1) }))
      expect(before).toMatchObject({ head: 1, rows: 0, domains: [{ checkpoint: at(0) }, {}] })
      expect(before.domains[0]!.state).toBe('waiting')
      const checkpoint = at(1, [1])
      await log.commit('j', lease, commitOf([], { history: checkpoint }))
      checkpoint.placesDone.push(5)
      expect((await checkpointsOf(log)).history).toEqual(at(1, [1]))
    })
  })
}
