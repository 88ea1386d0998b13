import { describe, expect, it } from 'vitest'
import type { JobSnapshot, NewLogEntry } from '../../ports/index.js'
import { createTestTrace } from '../../testing/createTestTrace.js'
import { parseLines, type Line } from '../../testing/readLines.js'
import { allEntries } from './logEntries.js'
import { LINE_END, recordsStart } from './logLines.js'
import type { BodyChunk } from '../store/bodyChunks.js'

const utf8 = new TextEncoder()

/** A running job, or one that is `queuedAt` a place. The test writes its lines itself, and has readers of it. */
async function setUp({ queuedAt = null as number | null } = {}) {
  const trace = createTestTrace({
    queueOf: (queue) => ({
      ...queue,
      // No worker takes the job, however long nothing is written.
      submit: async () => {},
      place: async (jobId) => (jobId === 'j' && queuedAt !== null ? queuedAt : queue.place(jobId)),
    }),
  })
  const { log, clock, codec, services } = trace
  const domains = ['history', 'holds']
  await log.create({
    jobId: 'j',
    owner: '',
    kind: 'events',
    profile: 'query_tool',
    domains,
    cidCount: 20,
    createdAtMs: clock.now(),
  })
  const lease = queuedAt !== null ? 0 : (await log.open('j')).lease
  let seq = 1

  async function commit(...entries: NewLogEntry[]) {
    const progress = { phase: 'fetching', currentDomain: 'history', cidsDone: 0 } as const
    await log.commit('j', lease, { entries, lists: [], checkpoints: new Map(), progress })
  }

  const write = {
    start: (domain = 'history') => commit({ seq: ++seq, domain, type: 'domain_start' }),
    rows: (batch: number, ...rows: unknown[]) => {
      const line = { seq: ++seq, domain: 'history', batch, count: rows.length }
      const text = utf8.encode(recordsStart(line) + JSON.stringify(rows) + LINE_END)
      return commit({ ...line, type: 'records', textBytes: text.length, chunk: codec.encode(text) })
    },
    end: (count: number, domain = 'history') => commit({ seq: ++seq, domain, type: 'domain_end', count }),
    fail: (fromSeq: number, domain = 'history') =>
      commit({ seq: ++seq, domain, type: 'domain_failed', code: 'JOB_FAILED', fromSeq }),
    finish: () => log.finish('j', lease, { state: 'completed', aggregation: null }),
  }

  async function follow(after = 0, epoch: string | null = null, { follow: wait = true } = {}) {
    const controller = new AbortController()
    const options = { owner: '', follow: wait, cursor: { after, epoch }, signal: controller.signal }
    const body = (await services.openJobStream('j', options))[
      Symbol.asyncIterator
    ]() as AsyncGenerator<BodyChunk>
    return {
      async next(): Promise<Line | null> {
        const { done, value } = await body.next()
        if (done) return null
        const text =
          typeof value === 'string' ? value : new TextDecoder().decode(codec.decode(value as never))
        return parseLines(text)[0]!
      },
      async rest(): Promise<Line[]> {
        const lines: Line[] = []
        for (let line = await this.next(); line; line = await this.next()) lines.push(line)
        return lines
      },
      abort: () => controller.abort(),
    }
  }

  const epoch = async () => ((await log.snapshot('j')) as JobSnapshot).epoch
  return { ...trace, write, follow, epoch, commit }
}

const withoutProgress = (lines: Line[]) => lines.filter((line) => line.type !== 'progress')

describe('a followed log', () => {
  it('is told line by line while it grows, and closed when the job has ended', async () => {
    const { write, follow, epoch } = await setUp()
    const reader = await follow()
    expect(await reader.next()).toEqual({
      type: 'meta',
      seq: 1,
      epoch: await epoch(),
      job_id: 'j',
      profile: 'query_tool',
      domains: ['history', 'holds'],
    })
    expect(await reader.next()).toMatchObject({ type: 'progress', phase: 'fetching', rows: 0 })

    await write.start()
    expect(await reader.next()).toEqual({ type: 'domain_start', seq: 2, domain: 'history', total: null })
    await write.rows(0, { N: 1 }, { N: 2 })
    expect(await reader.next()).toMatchObject({ type: 'records', seq: 3, batch: 0, count: 2 })
    await write.end(2)
    await write.start('holds')
    await write.end(0, 'holds')
    await write.finish()
    expect(withoutProgress(await reader.rest())).toEqual([
      { type: 'domain_end', seq: 4, domain: 'history', count: 2 },
      { type: 'domain_start', seq: 5, domain: 'holds', total: 0 },
      { type: 'domain_end', seq: 6, domain: 'holds', count: 0 },
      { type: 'complete', total_records: 2, domains: { history: 2, holds: 0 } },
    ])
  })

  it('knows the totals of domains that have ended', async () => {
    const { write, follow } = await setUp()
    await write.start()
    await write.rows(0, { N: 1 })
    await write.end(1)
    await write.start('holds')
    const reader = await follow()
    const starts = [
      await reader.next(),
      await reader.next(),
      await reader.next(),
      await reader.next(),
      await reader.next(),
    ]
    expect(starts[1]).toMatchObject({ type: 'domain_start', domain: 'history', total: 1 })
    expect(starts[4]).toMatchObject({ type: 'domain_start', domain: 'holds', total: null })
  })

  it('goes on after any line, with exactly the rest', async () => {
    const { write, follow, epoch } = await setUp()
    await write.start()
    for (let batch = 0; batch < 5; batch++) await write.rows(batch, { N: batch })
    await write.end(5)
    await write.start('holds')
    await write.end(0, 'holds')
    await write.finish()
    const whole = await (await follow()).rest()
    for (let after = 1; after <= 10; after++) {
      const rest = await (await follow(after, await epoch())).rest()
      expect(rest).toEqual(whole.filter((line) => line.seq === undefined || (line.seq as number) > after))
    }
  })

  it('begins anew for a reader of another epoch, or from beyond the end', async () => {
    const { write, follow, epoch } = await setUp()
    await write.start()
    await write.finish()
    const now = await epoch()
    const whole = await (await follow()).rest()
    for (const [after, of] of [
      [1, 'another'],
      [1, null],
      [99, now],
    ] as const) {
      expect(await (await follow(after, of)).rest()).toEqual([{ type: 'reset', epoch: now }, ...whole])
    }
    expect(await (await follow(0, 'another')).rest()).toEqual(whole)
  })

  it('begins anew when the log under the reader is no longer the one it was told of', async () => {
    const { log, write, follow } = await setUp()
    await write.start()
    const reader = await follow()
    await reader.next()
    await reader.next()
    expect(await reader.next()).toMatchObject({ type: 'progress' })
    const next = reader.next()
    const { snapshot } = log
    log.snapshot = async (jobId) => ({ ...((await snapshot(jobId)) as JobSnapshot), epoch: 'another' })
    await write.rows(0, { A: 1 })
    expect(await next).toEqual({ type: 'reset', epoch: 'another' })
    expect(await reader.next()).toMatchObject({ type: 'meta', epoch: 'another' })
    expect(await reader.next()).toMatchObject({ type: 'domain_start', seq: 2 })
    expect(await reader.next()).toMatchObject({ type: 'records', seq: 3 })
  })

  it('begins anew when lines the reader was told are lost', async () => {
    const { log, write, follow, epoch } = await setUp()
    await write.start()
    await write.rows(0, { A: 1 })
    const reader = await follow()
    for (let n = 0; n < 3; n++) await reader.next()
    expect(await reader.next()).toMatchObject({ type: 'progress' })
    const next = reader.next()
    const { snapshot, entries } = log
    log.snapshot = async (jobId) => ({ ...((await snapshot(jobId)) as JobSnapshot), head: 2 })
    log.entries = async (jobId, afterSeq) => (await entries(jobId, afterSeq, 1)).filter(({ seq }) => seq <= 2)
    await write.rows(1, { A: 2 })
    expect(await next).toEqual({ type: 'reset', epoch: await epoch() })
    expect(await reader.next()).toMatchObject({ type: 'meta' })
    expect(await reader.next()).toMatchObject({ type: 'domain_start', seq: 2 })
  })

  it('shows a later reader nothing of a failed domain but that it failed', async () => {
    const { write, follow, epoch } = await setUp()
    await write.start()
    await write.rows(0, { N: 1 })
    const early = await follow()
    for (let i = 0; i < 3; i++) await early.next()
    await write.rows(1, { N: 2 })
    await write.fail(2)
    await write.start('holds')
    await write.end(0, 'holds')
    await write.finish()

    const failed = { type: 'domain_failed', seq: 5, domain: 'history', code: 'JOB_FAILED', from_seq: 2 }
    const closing = [
      { type: 'domain_start', seq: 6, domain: 'holds', total: 0 },
      { type: 'domain_end', seq: 7, domain: 'holds', count: 0 },
      { type: 'warning', code: 'EVENTS_PARTIAL_FAILURE', failed_domains: ['history'] },
      { type: 'complete', total_records: 0, domains: { holds: 0 } },
    ]
    const seenEarly = withoutProgress(await early.rest())
    expect(seenEarly[0]).toEqual(failed)
    expect((await (await follow()).rest()).slice(1)).toEqual([failed, ...closing])
    expect(await (await follow(3, await epoch())).rest()).toEqual([failed, ...closing])
  })

  it('shows a domain that was begun anew with its new rows only', async () => {
    const { write, follow } = await setUp()
    await write.start()
    await write.rows(0, { N: 1 })
    await write.fail(2)
    await write.start()
    await write.rows(0, { N: 2 })
    await write.end(1)
    await write.finish()
    const lines = (await (await follow()).rest()).slice(1, -1)
    expect(lines.map(({ type, seq }) => `${type} ${seq}`)).toEqual([
      'domain_failed 4',
      'domain_start 5',
      'records 6',
      'domain_end 7',
    ])
    expect(lines[1]).toMatchObject({ total: 1 })
  })

  it('breaks its silence every ten seconds', async () => {
    const { follow, clock } = await setUp()
    const reader = await follow()
    await reader.next()
    expect(await reader.next()).toMatchObject({ type: 'progress' })
    for (let i = 0; i < 3; i++) {
      const next = reader.next()
      let came = false
      void next.then(() => (came = true))
      await clock.advance(9_000)
      expect(came).toBe(false)
      await clock.advance(1_000)
      expect(await next).toMatchObject({ type: 'progress' })
    }
  })

  it('breaks its silence in time although the clock is set back meanwhile', async () => {
    const { follow, clock } = await setUp()
    const reader = await follow()
    await reader.next()
    expect(await reader.next()).toMatchObject({ type: 'progress' })
    clock.set(-3_600_000)
    const next = reader.next()
    await clock.advance(10_000)
    expect(await next).toMatchObject({ type: 'progress' })
    reader.abort()
  })

  it('tells a reader its place in the queue', async () => {
    const { follow, log } = await setUp({ queuedAt: 2 })
    const reader = await follow()
    await reader.next()
    expect(await reader.next()).toMatchObject({ type: 'progress', phase: 'queued', queue_position: 2 })
    await log.leave('j', null)
    expect((await reader.rest()).at(-1)).toMatchObject({
      type: 'error',
      code: 'JOB_CANCELLED',
      retryable: false,
    })
  })

  it('ends with the error of a job that failed, after its rows', async () => {
    const { write, follow, log } = await setUp()
    await write.start()
    await write.rows(0, { N: 1 })
    await log.finish('j', null, { state: 'failed', error: { code: 'JOB_TIMEOUT', message: 'too slow' } })
    const lines = await (await follow()).rest()
    expect(lines.map((line) => line.type)).toEqual(['meta', 'domain_start', 'records', 'error'])
    expect(lines.at(-1)).toEqual({
      type: 'error',
      code: 'JOB_TIMEOUT',
      message: 'too slow',
      retryable: false,
    })
  })

  it('says so when rows are missing, and never skips them', async () => {
    const { write, follow, log } = await setUp()
    await write.start()
    await write.rows(0, { N: 1 })
    await write.rows(1, { N: 2 })
    await write.end(2)
    await write.finish()
    const { chunk } = log
    log.chunk = (jobId, seq) => chunk(jobId, seq === 4 ? 999 : seq)
    const lines = await (await follow()).rest()
    expect(lines.map((line) => line.type)).toEqual(['meta', 'domain_start', 'records', 'error'])
    expect(lines.at(-1)).toMatchObject({ code: 'CHUNK_MISSING', retryable: false })
  })

  it('says so when the log is shorter than it should be, and does not wait for the rest', async () => {
    const { write, follow, log } = await setUp()
    await write.start()
    await write.rows(0, { N: 1 })
    await write.end(1)
    const { entries } = log
    log.entries = async (...args) => (await entries(...args)).filter(({ seq }) => seq < 3)
    const lines = await (await follow()).rest()
    expect(lines.map((line) => line.type)).toEqual(['meta', 'domain_start', 'error'])
    expect(lines.at(-1)).toMatchObject({ code: 'CHUNK_MISSING', retryable: false })
  })

  it('ends with an error when the job expires under the reader', async () => {
    const { follow, log } = await setUp()
    const reader = await follow()
    await reader.next()
    await reader.next()
    const next = reader.next()
    await log.delete('j')
    expect(await next).toMatchObject({ type: 'error', code: 'JOB_RESULT_EXPIRED', retryable: false })
    expect(await reader.next()).toBeNull()
  })

  it('sends its readers away when the server stops, to resume later', async () => {
    const { follow, stop } = await setUp()
    const reader = await follow()
    await reader.next()
    await reader.next()
    const next = reader.next()
    stop()
    expect(await next).toMatchObject({ type: 'error', code: 'STORE_UNAVAILABLE', retryable: true })
    expect(await reader.next()).toBeNull()
  })

  it('ends quietly when its reader leaves, and leaves nothing waiting', async () => {
    const { follow, clock } = await setUp()
    const reader = await follow()
    await reader.next()
    await reader.next()
    const next = reader.next()
    await clock.advance(0)
    expect(clock.sleepers()).toBe(1)
    reader.abort()
    expect(await next).toBeNull()
    expect(clock.sleepers()).toBe(0)
  })
})

describe('a log read without following', () => {
  it('is only there once the job has completed', async () => {
    const { follow, write } = await setUp()
    await expect(follow(0, null, { follow: false })).rejects.toMatchObject({
      code: 'JOB_NOT_COMPLETE',
      details: { status: 'running' },
    })
    await write.start()
    await write.end(0)
    await write.finish()
    const lines = await (await follow(0, null, { follow: false })).rest()
    expect(lines.map((line) => line.type)).toEqual(['meta', 'domain_start', 'domain_end', 'complete'])
  })
})

describe('allEntries', () => {
  it('reads an index longer than one page', async () => {
    const { commit, log } = await setUp()
    const entries = Array.from({ length: 2_500 }, (_, i): NewLogEntry => {
      return { seq: i + 2, domain: 'history', type: 'domain_start' }
    })
    await commit(...entries)
    expect((await allEntries(log, 'j', 5)).map(({ seq }) => seq)).toEqual(
      entries.slice(4).map(({ seq }) => seq),
    )
  })
})
