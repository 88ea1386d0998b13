import { describe, expect, it } from 'vitest'
import type { JobPhase } from '../../../../src/protocol/index.js'
import type { CommitProgress, NewLogEntry, StageCheckpoint } from '../../../ports/index.js'
import { JOB_LISTS } from '../../../ports/ResultLog.js'
import { identityCodec } from '../../memory/identityCodec.js'
import {
  at,
  checkpointsOf,
  commitOf,
  gone,
  item,
  records,
  run,
  snapshotOf,
  start,
  textsOf,
  utf8,
  type LogFixture,
} from './logFixture.js'

const SEEDS: CommitProgress = { phase: 'seeds', currentDomain: null, cidsDone: 0 }

function unmatched(seq: number): NewLogEntry {
  const chunk = identityCodec.encode(utf8.encode(`{"type":"unmatched","seq":${seq}}\n`))
  return { seq, domain: 'seeds', type: 'unmatched', count: 2, textBytes: chunk.textBytes, chunk }
}

/** The job of a whole question: its domains side by side, and what it keeps beside its rows. */
export function describeRuns({ makeHarness, running }: LogFixture) {
  const runningRun = () => running('j', run('j'))

  describe('runs', () => {
    it('fills several domains at once, each with a checkpoint of its own', async () => {
      const { log, lease } = await runningRun()
      const opened = [start(2, 'history'), start(3, 'holds')]
      await log.commit('j', lease, commitOf(opened))
      const rows = [records(4, 0, 5, 'holds'), records(5, 0, 2, 'history'), records(6, 1, 1, 'holds')]
      await log.commit('j', lease, commitOf(rows, { history: at(10), holds: at(0, [4]) }))
      await log.commit('j', lease, commitOf([records(7, 1, 3, 'history')], { history: at(20) }))
      expect(await log.snapshot('j')).toMatchObject({
        kind: 'run',
        head: 7,
        rows: 11,
        domains: [
          { name: 'seeds', state: 'waiting', rows: 0, checkpoint: at(0) },
          { name: 'history', state: 'running', rows: 5, checkpoint: at(20) },
          { name: 'holds', state: 'running', rows: 6, checkpoint: at(0, [4]) },
        ],
      })
      const entries = await log.entries('j', 3, 10)
      expect(entries.map(({ domain }) => domain)).toEqual(['holds', 'history', 'holds', 'history'])
    })

    it('learns bit by bit how many seeds and CIDs there are', async () => {
      const { log, lease } = await runningRun()
      expect(await log.snapshot('j')).toMatchObject({ cidCount: null, seedsDone: 0, seedsTotal: null })
      await log.commit('j', lease, commitOf([], {}, { progress: { ...SEEDS, seedsDone: 3 } }))
      expect(await log.snapshot('j')).toMatchObject({ cidCount: null, seedsDone: 3, seedsTotal: null })
      await log.commit('j', lease, commitOf([], {}, { progress: { ...SEEDS, seedsTotal: 9 } }))
      expect(await log.snapshot('j')).toMatchObject({ cidCount: null, seedsDone: 3, seedsTotal: 9 })
      await log.commit('j', lease, commitOf([], {}, { progress: { ...SEEDS, cidCount: 70, seedsDone: 9 } }))
      await log.commit('j', lease, commitOf([]))
      expect(await log.snapshot('j')).toMatchObject({ cidCount: 70, seedsDone: 9, seedsTotal: 9 })
    })

    it('keeps chunks of lists in their order, each list by itself', async () => {
      const { log, lease } = await runningRun()
      for (const list of JOB_LISTS) expect(await textsOf(log, list)).toEqual([])
      const first = [item('seeds', 'a'), item('lineage', 'x'), item('seeds', 'b')]
      await log.commit('j', lease, commitOf([start(2)], {}, { lists: first }))
      await log.commit('j', lease, commitOf([records(3, 0, 1)], {}, { lists: [item('seeds', 'c')] }))
      expect(await textsOf(log, 'seeds')).toEqual(['a', 'b', 'c'])
      expect(await textsOf(log, 'lineage')).toEqual(['x'])
      expect(await textsOf(log, 'roots')).toEqual([])
      expect(new TextDecoder().decode((await log.chunk('j', 3)).bytes)).toBe('{"seq":3}\n')
    })

    it('reads a list as it was when the reading began', async () => {
      const { log, lease } = await runningRun()
      const add = (text: string) => log.commit('j', lease, commitOf([], {}, { lists: [item('seeds', text)] }))
      await add('a')
      const chunks = log.list('j', 'seeds')[Symbol.asyncIterator]()
      expect((await chunks.next()).value!.textBytes).toBe(1)
      await add('b')
      expect((await chunks.next()).done).toBe(true)
      expect(await textsOf(log, 'seeds')).toEqual(['a', 'b'])
    })

    it('appends nothing of a commit that is refused', async () => {
      const { log, lease } = await runningRun()
      const stages: StageCheckpoint = { seedsAfter: '1', areSeedsDone: false, seedsTraced: 1 }
      const lists = [item('seeds', 'a')]
      await log.commit('j', lease, commitOf([], {}, { lists }))
      const progress = { ...SEEDS, cidCount: 4, seedsDone: 1, seedsTotal: 1 }
      const more = { lists, stages, progress }
      const gap = log.commit('j', lease, commitOf([start(9)], { history: at(5) }, more))
      await expect(gap).rejects.toMatchObject({ code: 'SEQUENCE_GAP' })
      await log.open('j')
      const stale = log.commit('j', lease, commitOf([start(2)], { history: at(5) }, more))
      await expect(stale).rejects.toMatchObject({ code: 'STALE_LEASE' })
      expect(await textsOf(log, 'seeds')).toEqual(['a'])
      expect(await log.snapshot('j')).toMatchObject({
        ...{ head: 1, cidCount: null, seedsDone: 0, seedsTotal: null },
        stages: { seedsAfter: null, areSeedsDone: false, seedsTraced: 0 },
      })
      expect((await checkpointsOf(log)).history).toEqual(at(0))
    })

    it('leaves lists and stages to the next writer, and to a retry', async () => {
      const { log, lease } = await runningRun()
      const stages: StageCheckpoint = { seedsAfter: 'page 2', areSeedsDone: false, seedsTraced: 7 }
      await log.commit('j', lease, commitOf([], {}, { lists: [item('seeds', 'a')], stages, progress: SEEDS }))
      const next = await log.open('j')
      expect(next.snapshot).toMatchObject({ stages, attempt: 2 })
      await log.commit('j', next.lease, commitOf([], {}, { lists: [item('seeds', 'b')] }))
      await log.finish('j', next.lease, { state: 'failed', error: gone })
      expect(await log.reopen('j', 'ann')).toBe(true)
      expect((await log.open('j')).snapshot).toMatchObject({ stages, attempt: 3 })
      expect(await textsOf(log, 'seeds')).toEqual(['a', 'b'])
    })

    it('begins the failed domains of a run anew, and leaves all else of it', async () => {
      const { log, lease } = await runningRun()
      const entries: NewLogEntry[] = [
        ...[start(2, 'seeds'), records(3, 0, 1, 'seeds')],
        { seq: 4, domain: 'seeds', type: 'domain_end', count: 1 },
        ...[start(5, 'history'), start(6, 'holds'), records(7, 0, 1, 'history'), records(8, 0, 1, 'holds')],
        { seq: 9, domain: 'history', type: 'domain_failed', code: 'JOB_FAILED', fromSeq: 5 },
        { seq: 10, domain: 'holds', type: 'domain_end', count: 1 },
      ]
      const stages: StageCheckpoint = { seedsAfter: null, areSeedsDone: true, seedsTraced: 1 }
      const lists = [item('seeds', 'a')]
      const checkpoints = { seeds: at(1), history: at(1), holds: at(1) }
      const progress: CommitProgress = { ...SEEDS, phase: 'fetching', seedsDone: 1, seedsTotal: 1 }
      await log.commit('j', lease, commitOf(entries, checkpoints, { lists, stages, progress }))
      await log.finish('j', lease, { state: 'completed', aggregation: null })
      expect(await log.reopen('j', 'ann')).toBe(true)
      expect((await log.open('j')).snapshot).toMatchObject({
        ...{ phase: 'fetching', stages, seedsTotal: 1, rows: 2 },
        domains: [
          { name: 'seeds', state: 'done', rows: 1, checkpoint: at(1) },
          { name: 'history', state: 'waiting', rows: 0, checkpoint: at(0) },
          { name: 'holds', state: 'done', rows: 1, checkpoint: at(1) },
        ],
      })
      expect(await textsOf(log, 'seeds')).toEqual(['a'])
    })

    it.each<[JobPhase, StageCheckpoint, CommitProgress]>([
      ['seeds', { seedsAfter: 'x', areSeedsDone: false, seedsTraced: 2 }, { ...SEEDS, seedsDone: 2 }],
      ['lineage', { seedsAfter: null, areSeedsDone: true, seedsTraced: 2 }, { ...SEEDS, seedsDone: 2 }],
      ['lineage', { seedsAfter: null, areSeedsDone: true, seedsTraced: 2 }, { ...SEEDS, seedsTotal: 3 }],
      ['fetching', { seedsAfter: null, areSeedsDone: true, seedsTraced: 3 }, { ...SEEDS, seedsTotal: 3 }],
    ])('is opened in its first unfinished stage: %s', async (phase, stages, progress) => {
      const { log, lease } = await runningRun()
      expect(await log.snapshot('j')).toMatchObject({ phase: 'seeds' })
      await log.commit('j', lease, commitOf([], {}, { stages, progress: { ...progress, phase } }))
      expect((await log.open('j')).snapshot.phase).toBe(phase)
    })

    it('keeps the line of values that found nothing, and its domain as it is', async () => {
      const { log, lease } = await runningRun()
      const ended: NewLogEntry = { seq: 4, domain: 'seeds', type: 'domain_end', count: 1 }
      await log.commit('j', lease, commitOf([start(2, 'seeds'), records(3, 0, 1, 'seeds'), ended]))
      await log.commit('j', lease, commitOf([unmatched(5)]))
      const { chunk, ...entry } = unmatched(5) as NewLogEntry & { type: 'unmatched' }
      expect((await log.entries('j', 4, 9))[0]).toEqual(entry)
      expect(identityCodec.decode(await log.chunk('j', 5))).toHaveLength(chunk.textBytes)
      const snapshot = await snapshotOf(log)
      expect(snapshot).toMatchObject({ head: 5, rows: 1, textBytes: 10 + entry.textBytes })
      expect(snapshot.domains[0]).toMatchObject({ state: 'done', rows: 1, code: null })
      await log.commit('j', lease, commitOf([start(6, 'seeds'), unmatched(7)]))
      expect((await snapshotOf(log)).domains[0]).toMatchObject({ state: 'running', rows: 0 })
    })

    it('counts lists in its room, and gives none where they do not fit', async () => {
      const { bounded } = await makeHarness()
      if (!bounded) return
      const log = bounded(20_000)
      await log.create(run('j'))
      const { lease } = await log.open('j')
      const large = [item('seeds', 'a'), item('lineage', 'x'.repeat(30_000))]
      const commit = log.commit('j', lease, commitOf([start(2)], {}, { lists: large }))
      await expect(commit).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' })
      expect(await textsOf(log, 'seeds')).toEqual([])
      expect(await log.snapshot('j')).toMatchObject({ head: 1 })
    })

    it('loses its lists with the job', async () => {
      const { log, lease, advance } = await runningRun()
      await log.commit('j', lease, commitOf([], {}, { lists: [item('seeds', 'a')] }))
      await log.finish('j', lease, { state: 'completed', aggregation: null })
      expect(await textsOf(log, 'seeds')).toEqual(['a'])
      await advance(101_000)
      await expect(textsOf(log, 'seeds')).rejects.toMatchObject({ code: 'JOB_RESULT_EXPIRED' })
      await log.create(run('k'))
      await log.delete('k')
      for (const jobId of ['k', 'nobody']) {
        await expect(textsOf(log, 'seeds', jobId)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
      }
      await log.create(run('j'))
      expect(await textsOf(log, 'seeds')).toEqual([])
    })
  })
}
