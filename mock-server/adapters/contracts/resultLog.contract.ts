import { describe, expect, it } from 'vitest'
import type { Checkpoint, CommitProgress, JobDescriptor, NewLogEntry, ResultLog } from '../../ports/index.js'
import { identityCodec } from '../memory/identityCodec.js'

/** What a harness must set up its log with. */
export const LOG_TTL = { ttlSeconds: 100, unfinishedTtlSeconds: 300 }
const DAY_MS = 86_400_000

export interface ResultLogHarness {
  /** Made with `LOG_TTL`. */
  log: ResultLog
  /** Lets time pass for the log. */
  advance: (ms: number) => Promise<void>
  now: () => number
  /** A log with room for about `bytes`; `null` where the adapter has no bound of its own. */
  bounded: ((bytes: number) => ResultLog) | null
}

const utf8 = new TextEncoder()
const FETCHING: CommitProgress = { phase: 'fetching', currentDomain: 'history', cidsDone: 0 }
const NEVER = new AbortController().signal

function job(jobId: string): JobDescriptor {
  return {
    jobId,
    owner: 'ann',
    profile: 'query_tool',
    domains: ['history', 'holds'],
    cidCount: 20,
    createdAtMs: 1_000,
  }
}

function at(domainIndex: number, idBatchesDone: number, rowsDone = 0): Checkpoint {
  return { domainIndex, idBatchesDone, rowsDone }
}

function start(seq: number, domain = 'history'): NewLogEntry {
  return { seq, domain, type: 'domain_start' }
}

function records(seq: number, batch: number, count: number, domain = 'history'): NewLogEntry {
  const text = utf8.encode(`{"seq":${seq}}\n`)
  const chunk = identityCodec.encode(text)
  return { seq, domain, type: 'records', batch, count, textBytes: text.length, chunk }
}

const gone = { code: 'WORKER_LOST', message: 'lost' } as const

/** What every `ResultLog` does. */
export function describeResultLog(
  name: string,
  makeHarness: () => ResultLogHarness | Promise<ResultLogHarness>,
) {
  async function running(jobId = 'j') {
    const harness = await makeHarness()
    await harness.log.create(job(jobId))
    const { lease } = await harness.log.open(jobId)
    return { ...harness, lease }
  }

  async function snapshotOf(log: ResultLog, jobId = 'j') {
    const snapshot = await log.snapshot(jobId)
    if (snapshot === null || snapshot === 'expired') throw new Error(`job is ${snapshot}`)
    return snapshot
  }

  describe(`ResultLog: ${name}`, () => {
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
        checkpoint: at(0, 0),
        domainStates: [
          { state: 'waiting', rows: 0, code: null },
          { state: 'waiting', rows: 0, code: null },
        ],
        currentDomain: null,
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
      await log.commit('j', lease, [start(2), records(3, 0, 5), records(4, 1, 2)], at(0, 1), progress)
      const snapshot = await snapshotOf(log)
      expect(snapshot).toMatchObject({
        state: 'running',
        phase: 'fetching',
        attempt: 1,
        head: 4,
        checkpoint: at(0, 1),
        currentDomain: 'history',
        cidsDone: 10,
        rows: 7,
        textBytes: 20,
      })
      expect(snapshot.domainStates[0]).toEqual({ state: 'running', rows: 7, code: null })
      expect(await log.entries('j', 1, 10)).toEqual([
        { seq: 2, domain: 'history', type: 'domain_start' },
        { seq: 3, domain: 'history', type: 'records', batch: 0, count: 5, textBytes: 10 },
        { seq: 4, domain: 'history', type: 'records', batch: 1, count: 2, textBytes: 10 },
      ])
    })

    it('reads entries from anywhere, a few at a time', async () => {
      const { log, lease } = await running()
      const entries = [start(2), ...[3, 4, 5, 6].map((seq) => records(seq, seq - 3, 1))]
      await log.commit('j', lease, entries, at(0, 1), FETCHING)
      expect((await log.entries('j', 0, 2)).map(({ seq }) => seq)).toEqual([2, 3])
      expect((await log.entries('j', 3, 2)).map(({ seq }) => seq)).toEqual([4, 5])
      expect(await log.entries('j', 6, 2)).toEqual([])
      expect(await log.entries('j', 60, 2)).toEqual([])
    })

    it('gives back the text of each records line', async () => {
      const { log, lease } = await running()
      await log.commit('j', lease, [start(2), records(3, 0, 5)], at(0, 1), FETCHING)
      const chunk = await log.chunk('j', 3)
      expect(new TextDecoder().decode(identityCodec.decode(chunk))).toBe('{"seq":3}\n')
      await expect(log.chunk('j', 2)).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
      await expect(log.chunk('j', 9)).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
      await expect(log.chunk('nobody', 3)).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
    })

    it('takes progress without entries, and checkpoints inside an id batch', async () => {
      const { log, lease } = await running()
      await log.commit('j', lease, [start(2), records(3, 0, 5)], at(0, 0, 5), FETCHING)
      await log.commit('j', lease, [], at(0, 3), { ...FETCHING, cidsDone: 3, phase: 'aggregating' })
      expect(await log.snapshot('j')).toMatchObject({
        head: 3,
        checkpoint: at(0, 3),
        cidsDone: 3,
        phase: 'aggregating',
      })
    })

    it('refuses a gap or a repetition, and keeps nothing of it', async () => {
      const { log, lease } = await running()
      await log.commit('j', lease, [start(2)], at(0, 0), FETCHING)
      for (const entries of [[records(4, 0, 1)], [records(2, 0, 1)], [records(3, 0, 1), records(5, 1, 1)]]) {
        await expect(log.commit('j', lease, entries, at(0, 9), FETCHING)).rejects.toMatchObject({
          code: 'SEQUENCE_GAP',
        })
      }
      expect(await log.snapshot('j')).toMatchObject({ head: 2, checkpoint: at(0, 0), rows: 0 })
    })

    it('refuses a writer whose turn has passed, and keeps nothing of it', async () => {
      const { log, lease: old } = await running()
      await log.commit('j', old, [start(2), records(3, 0, 5)], at(0, 1), FETCHING)
      const { lease, snapshot } = await log.open('j')
      expect(snapshot).toMatchObject({ attempt: 2, head: 3, checkpoint: at(0, 1), state: 'running' })

      const stale = { code: 'STALE_LEASE' }
      await expect(log.commit('j', old, [records(4, 1, 5)], at(0, 2), FETCHING)).rejects.toMatchObject(stale)
      await expect(log.finish('j', old, { state: 'completed', aggregation: null })).rejects.toMatchObject(
        stale,
      )
      expect(await log.snapshot('j')).toMatchObject({ head: 3, state: 'running' })

      await log.commit('j', lease, [records(4, 1, 5)], at(0, 2), FETCHING)
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
      await log.commit('j', lease, first, at(1, 0), FETCHING)
      await log.commit('j', lease, [start(5, 'holds'), records(6, 0, 3, 'holds'), failed], at(2, 0), FETCHING)
      expect(await log.snapshot('j')).toMatchObject({
        rows: 5,
        head: 7,
        checkpoint: at(2, 0),
        domainStates: [
          { state: 'done', rows: 5, code: null },
          { state: 'failed', rows: 0, code: 'JOB_FAILED' },
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
      await log.commit('j', lease, [start(2), records(3, 0, 5), failed], at(1, 0), FETCHING)
      await log.commit('j', lease, [start(5), records(6, 0, 4)], at(0, 1), FETCHING)
      expect((await snapshotOf(log)).domainStates[0]).toEqual({ state: 'running', rows: 4, code: null })
    })

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
      await log.commit('j', lease, [start(2)], at(0, 0), { ...FETCHING, phase: 'aggregating' })
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
      await expect(log.commit('j', lease, [], at(0, 0), FETCHING)).rejects.toMatchObject({
        code: 'STALE_LEASE',
      })
      await expect(log.open('j')).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
      await log.finish('j', null, { state: 'failed', error: gone })
      expect(await log.snapshot('j')).toMatchObject({ state: 'completed', error: null })
    })

    it("lets the queue end a job in its absent writer's place", async () => {
      const { log, lease } = await running()
      await log.finish('j', null, { state: 'failed', error: gone })
      expect(await log.snapshot('j')).toMatchObject({ state: 'failed', error: gone })
      await expect(log.commit('j', lease, [], at(0, 0), FETCHING)).rejects.toMatchObject({
        code: 'STALE_LEASE',
      })
    })

    it('cancels a queued job at once', async () => {
      const { log } = await makeHarness()
      await log.create(job('j'))
      expect(await log.requestCancel('j')).toBe(true)
      expect(await log.snapshot('j')).toMatchObject({ state: 'cancelled', error: { code: 'JOB_CANCELLED' } })
      await expect(log.open('j')).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
      expect(await log.requestCancel('j')).toBe(false)
    })

    it('marks a running job as being cancelled, and leaves its end to the writer', async () => {
      const { log, lease } = await running()
      expect(await log.requestCancel('j')).toBe(true)
      expect(await log.requestCancel('j')).toBe(true)
      expect(await log.snapshot('j')).toMatchObject({ state: 'running', cancelRequested: true })
      await expect(log.open('j')).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
      await log.finish('j', lease, { state: 'cancelled', error: { code: 'JOB_CANCELLED', message: 'gone' } })
      expect(await log.snapshot('j')).toMatchObject({ state: 'cancelled' })
      expect(await log.requestCancel('j')).toBe(false)
    })

    it('is cancelled when the last who asked withdraws, not before', async () => {
      const { log } = await running()
      for (const ticket of ['ann', 'bob', 'bob']) expect(await log.join('j', ticket)).toBe(true)
      expect(await log.withdraw('j', null)).toBe('wanted')
      expect(await log.withdraw('j', 'nobody')).toBe('wanted')
      expect(await log.withdraw('j', 'ann')).toBe('wanted')
      expect(await log.withdraw('j', 'ann')).toBe('wanted')
      expect(await log.snapshot('j')).toMatchObject({ cancelRequested: false })
      expect(await log.withdraw('j', 'bob')).toBe('unwanted')
      expect(await log.withdraw('j', 'bob')).toBe('unwanted')
      expect(await log.snapshot('j')).toMatchObject({ state: 'running', cancelRequested: true })
      expect(await log.join('j', 'cid')).toBe(false)
    })

    it('is cancelled without a ticket while at most one has asked', async () => {
      const { log } = await makeHarness()
      await log.create(job('j'))
      await log.join('j', 'ann')
      expect(await log.withdraw('j', null)).toBe('unwanted')
      expect(await log.snapshot('j')).toMatchObject({ state: 'cancelled', error: { code: 'JOB_CANCELLED' } })
      expect(await log.withdraw('j', 'ann')).toBe('over')
      await log.create(job('k'))
      expect(await log.withdraw('k', null)).toBe('unwanted')
    })

    it('can be joined once it has completed, and not once it has failed', async () => {
      const { log, lease } = await running()
      await log.finish('j', lease, { state: 'completed', aggregation: null })
      expect(await log.join('j', 'ann')).toBe(true)
      expect(await log.withdraw('j', 'ann')).toBe('over')
      expect(await log.snapshot('j')).toMatchObject({ state: 'completed' })
      const failing = await running('k')
      await failing.log.finish('k', failing.lease, { state: 'failed', error: gone })
      expect(await failing.log.join('k', 'ann')).toBe(false)
      for (const ask of [() => log.join('nobody', 'ann'), () => log.withdraw('nobody', null)]) {
        await expect(ask()).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
      }
    })

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
      expect(await log.withdraw('j', 'bob')).toBe('unwanted')
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
        domainStates: [
          { state: 'waiting', rows: 0, code: null },
          { state: 'done', rows: 3, code: null },
        ],
      })
    })

    it('has nothing to go on with after a whole result or a cancel', async () => {
      const { log, lease } = await running()
      expect(await log.reopen('j', 'ann')).toBe(false)
      await log.finish('j', lease, { state: 'completed', aggregation: null })
      expect(await log.reopen('j', 'ann')).toBe(false)
      await log.create(job('k'))
      await log.requestCancel('k')
      expect(await log.reopen('k', 'ann')).toBe(false)
      await expect(log.reopen('nobody', 'ann')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
    })

    it('tells at once when a job is not as seen, else when it changes', async () => {
      const { log, lease } = await running()
      const seen = await snapshotOf(log)
      await log.changed('j', { ...seen, head: seen.head - 1 }, NEVER)
      await log.changed('j', { ...seen, state: 'queued' }, NEVER)
      await log.changed('j', { ...seen, epoch: 'another' }, NEVER)

      for (const change of [
        () => log.commit('j', lease, [start(2)], at(0, 0), FETCHING),
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

    it('hands out snapshots that later commits leave alone', async () => {
      const { log, lease } = await running()
      const before = await snapshotOf(log)
      await log.commit('j', lease, [start(2), records(3, 0, 5)], at(0, 1), FETCHING)
      expect(before).toMatchObject({ head: 1, rows: 0, checkpoint: at(0, 0) })
      expect(before.domainStates[0]!.state).toBe('waiting')
    })

    it('forgets an ended job when its time is over, and says so for a day', async () => {
      const { log, lease, advance } = await running()
      await log.commit('j', lease, [start(2), records(3, 0, 5)], at(0, 1), FETCHING)
      await log.finish('j', lease, { state: 'completed', aggregation: null })
      await advance(99_000)
      expect(await log.snapshot('j')).toMatchObject({ state: 'completed' })
      await advance(2_000)
      expect(await log.snapshot('j')).toBe('expired')
      await expect(log.chunk('j', 3)).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
      await advance(DAY_MS)
      expect(await log.snapshot('j')).toBeNull()
    })

    it('keeps a job that shows signs of life', async () => {
      const { log, lease, advance } = await running()
      await advance(250_000)
      await log.commit('j', lease, [], at(0, 0), FETCHING)
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
      await expect(log.commit('j', lease, [large], at(0, 1), FETCHING)).rejects.toMatchObject({
        code: 'RESULT_TOO_LARGE',
      })
      expect(await log.snapshot('j')).toMatchObject({ head: 1, checkpoint: at(0, 0) })

      const crowd = async () => {
        for (let i = 0; i < 1000; i++) await log.create(job(`crowd-${i}`))
      }
      await expect(crowd()).rejects.toMatchObject({ code: 'MEMORY_GUARD' })
      await log.finish('j', lease, { state: 'failed', error: gone })
      expect(await log.snapshot('j')).toMatchObject({ state: 'failed' })
    })
  })
}
