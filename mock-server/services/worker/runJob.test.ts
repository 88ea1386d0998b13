import { describe, expect, it } from 'vitest'
import { TraceError } from '../../../src/errors.js'
import type { CommitProgress, DomainCheckpoint, JobSnapshot, ResultLog } from '../../ports/index.js'
import { createTestTrace, type TestTrace, type TestTraceOptions } from '../../testing/createTestTrace.js'
import { rowsOf, type Line } from '../../testing/readLines.js'
import { scriptedRows, scriptedSource } from '../../testing/scriptedSource.js'
import { packQuestion, type PlainQuestion } from '../../testing/packQuestion.js'
import { questionFromChunks } from '../questions/Question.js'
import { runJob } from './runJob.js'

const NEVER = new AbortController().signal
const IDS = Array.from({ length: 25 }, (_, i) => `ID-${i}`)

function question(overrides: Partial<PlainQuestion> = {}): PlainQuestion {
  return {
    profile: 'query_tool',
    params: {},
    domains: ['history', 'holds'],
    cids: IDS,
    seedIds: [],
    lineage: {},
    seedRoots: {},
    ...overrides,
  }
}

/** A job of ten ids to a batch, whose attempts the test takes itself. */
async function setUp(asked: PlainQuestion = question(), options: TestTraceOptions = {}) {
  const trace = createTestTrace({ ...options, settings: { streamBatchSize: 10, ...options.settings } })
  const { profile, domains, cids } = asked
  const job = {
    jobId: 'j',
    owner: '',
    kind: 'events' as const,
    profile,
    domains,
    cidCount: cids.length,
    createdAtMs: trace.clock.now(),
  }
  await trace.log.create(job)

  const run = (signal = NEVER, log: Partial<ResultLog> = {}) =>
    runJob(
      { jobId: 'j', signal },
      {
        ...trace.runDeps,
        log: { ...trace.log, ...log },
        question: questionFromChunks(packQuestion(asked, trace.codec, 10), trace.codec),
      },
    )
  return { ...trace, run }
}

async function snapshotOf({ log }: Pick<TestTrace, 'log'>): Promise<JobSnapshot> {
  return (await log.snapshot('j')) as JobSnapshot
}

/** All lines of the log, as a reader after the end gets them. */
async function linesOf({ services, codec }: Pick<TestTrace, 'services' | 'codec'>): Promise<Line[]> {
  const options = { owner: '', follow: true, cursor: { after: 0, epoch: null }, signal: NEVER }
  let text = ''
  for await (const chunk of await services.openJobStream('j', options)) {
    if (typeof chunk === 'string') text += chunk
    else text += new TextDecoder().decode('encoding' in chunk ? codec.decode(chunk) : chunk)
  }
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

describe('runJob', () => {
  it('writes every row once, domain after domain, in gap-free lines of at most a batch', async () => {
    const job = await setUp()
    expect(await job.run()).toBeNull()

    const lines = await linesOf(job)
    const sequenced = lines.filter((line) => line.seq !== undefined)
    expect(sequenced.map((line) => line.seq)).toEqual(sequenced.map((_, index) => index + 1))
    expect(lines.map((line) => line.type).filter((type) => type !== 'records')).toEqual([
      'meta',
      'domain_start',
      'domain_end',
      'domain_start',
      'domain_end',
      'complete',
    ])
    for (const domain of ['history', 'holds']) {
      expect(rowsOf(lines, domain)).toEqual(scriptedRows(domain, IDS))
      const batches = lines.filter((line) => line.type === 'records' && line.domain === domain)
      expect(batches.map((line) => line.batch)).toEqual(batches.map((_, index) => index))
      for (const { count, data } of batches) {
        expect((data as unknown[]).length).toBe(count)
        expect(count).toBeLessThanOrEqual(10)
      }
    }
    expect(lines.at(-1)).toEqual({
      type: 'complete',
      total_records: 150,
      domains: { history: 75, holds: 75 },
    })
  })

  it('writes the rows of a records line last, so that they can be cut out of its text', async () => {
    const job = await setUp()
    await job.run()
    const text = new TextDecoder().decode(job.codec.decode(await job.log.chunk('j', 3)))
    expect(text).toMatch(/^\{"type":"records","seq":3,"domain":"history","batch":0,"count":\d+,"data":\[\{/)
    expect(text.endsWith(']}\n')).toBe(true)
  })

  it('shows the first rows before the first id batch has been read, and then whole ids in lines of a batch', async () => {
    const commits: { rows: number; checkpoint?: DomainCheckpoint }[] = []
    const job = await setUp(question({ domains: ['history'] }))
    const commit: ResultLog['commit'] = (jobId, lease, added) => {
      const rows = added.entries.reduce((sum, entry) => sum + (entry.type === 'records' ? entry.count : 0), 0)
      commits.push({ rows, checkpoint: added.checkpoints.get('history') })
      return job.log.commit(jobId, lease, added)
    }
    await job.run(NEVER, { commit })
    const shown = commits.filter(({ rows }) => rows > 0)
    expect(shown[0]!.checkpoint!.idsDone).toBe(0)
    // Three rows to an id: what is committed is of whole ids, and the checkpoint counts just these.
    let rowsShown = 0
    for (const { rows, checkpoint } of shown) {
      rowsShown += rows
      expect(3 * (checkpoint!.idsDone + checkpoint!.placesDone.length)).toBe(rowsShown)
    }
  })

  it('commits an id of very many rows whole, in lines of a batch', async () => {
    const job = await setUp(question({ domains: ['history'], cids: ['ID-0', 'ID-1'] }), {
      source: scriptedSource({ rowsPerId: 200, rowsPerPage: 7 }),
    })
    const inside: DomainCheckpoint[] = []
    const commit: ResultLog['commit'] = (jobId, lease, added) => {
      const rows = added.entries.filter(({ type }) => type === 'records').length
      if (rows > 0) inside.push(added.checkpoints.get('history')!)
      return job.log.commit(jobId, lease, added)
    }
    await job.run(NEVER, { commit })
    expect(inside).toEqual([
      { idsDone: 0, placesDone: [0] },
      { idsDone: 0, placesDone: [0, 1] },
    ])
    expect(rowsOf(await linesOf(job), 'history')).toEqual(scriptedRows('history', ['ID-0', 'ID-1'], 200))
  })

  it('commits at least every second, however few rows there are', async () => {
    const job = await setUp(question({ domains: ['history'] }), {
      source: scriptedSource({
        rowsPerId: 1,
        rowsPerPage: 100,
        beforePage: () => job.clock.advance(600),
      }),
      settings: { streamBatchSize: 1000, sourceConcurrency: 1 },
    })
    const done: (number | undefined)[] = []
    const commit: ResultLog['commit'] = async (jobId, lease, added) => {
      await job.log.commit(jobId, lease, added)
      done.push(added.checkpoints.get('history')?.idsDone)
    }
    await job.run(NEVER, { commit })
    expect(done).toContain(10)
  })

  it('has several queries of a domain in flight, and writes their rows in order', async () => {
    const underWay = new Set<string>()
    let most = 0
    const source = scriptedSource({
      beforePage: async ({ ids, index }) => {
        underWay.add(ids[0]!)
        most = Math.max(most, underWay.size)
        // The later batches answer first.
        for (let turn = 0; turn < 10 - Number(ids[0]!.slice(3)) / 10; turn++) await Promise.resolve()
        if (index === 7) underWay.delete(ids[0]!)
      },
    })
    const cids = Array.from({ length: 80 }, (_, n) => `ID-${n}`)
    const job = await setUp(question({ domains: ['history'], cids }), {
      source,
      settings: { sourceConcurrency: 3, streamBatchSize: 100 },
    })
    expect(await job.run()).toBeNull()
    expect(most).toBe(3)
    expect(rowsOf(await linesOf(job), 'history')).toEqual(scriptedRows('history', cids))
  })

  it('tells how far it is, with every commit', async () => {
    const told: CommitProgress[] = []
    const job = await setUp()
    const commit: ResultLog['commit'] = async (jobId, lease, added) => {
      told.push(added.progress)
      await job.log.commit(jobId, lease, added)
    }
    await job.run(NEVER, { commit })
    for (const domain of ['history', 'holds']) {
      const done = told.flatMap(({ currentDomain, cidsDone }) => (currentDomain === domain ? [cidsDone] : []))
      expect(done).toEqual([...done].sort((a, b) => a - b))
      expect([done[0], done.at(-1)]).toEqual([0, 25])
    }
    expect(told.at(-1)).toEqual({ phase: 'aggregating', currentDomain: null, cidsDone: 25 })
    expect(await snapshotOf(job)).toMatchObject({ state: 'completed', phase: 'done', rows: 150 })
  })

  it('declares a domain failed whose source fails, takes its rows back, and goes on', async () => {
    const source = scriptedSource({
      beforePage: ({ domain, ids, index }) => {
        if (domain === 'history' && ids.includes('ID-10') && index === 2) throw new Error('ORA-03113')
      },
    })
    const job = await setUp(question(), { source })
    expect(await job.run()).toBeNull()
    expect(await snapshotOf(job)).toMatchObject({
      state: 'completed',
      rows: 75,
      domains: [
        { state: 'failed', rows: 0, code: 'EVENTS_PARTIAL_FAILURE' },
        { state: 'done', rows: 75 },
      ],
    })
    expect(job.warnings.join()).toContain('ORA-03113')

    const lines = await linesOf(job)
    expect(lines.map((line) => line.type).filter((type) => type !== 'records')).toEqual([
      'meta',
      'domain_failed',
      'domain_start',
      'domain_end',
      'warning',
      'complete',
    ])
    expect(lines[1]).toMatchObject({ domain: 'history', from_seq: 2 })
    expect(rowsOf(lines, 'history')).toEqual([])
    expect(rowsOf(lines, 'holds')).toEqual(scriptedRows('holds', IDS))
  })

  it('declares a domain failed that never had a row', async () => {
    const source = scriptedSource({
      beforePage: ({ domain }) => {
        if (domain === 'holds') throw new TraceError('LINEAGE_TIMEOUT', 'too slow')
      },
    })
    const job = await setUp(question(), { source })
    await job.run()
    const failed = (await linesOf(job)).find((line) => line.type === 'domain_failed')!
    expect(failed).toMatchObject({ domain: 'holds', code: 'LINEAGE_TIMEOUT' })
    expect(failed.from_seq).toBe((failed.seq as number) - 1)
  })

  it('completes although every domain fails', async () => {
    const source = scriptedSource({
      beforePage: () => {
        throw new Error('no database')
      },
    })
    const job = await setUp(question(), { source })
    await job.run()
    const lines = await linesOf(job)
    expect(lines.at(-2)).toEqual({
      type: 'warning',
      code: 'EVENTS_PARTIAL_FAILURE',
      failed_domains: ['history', 'holds'],
    })
    expect(lines.at(-1)).toEqual({ type: 'complete', total_records: 0, domains: {} })
  })

  it.each([
    ['JOB_CANCELLED', 'cancelled'],
    ['JOB_TIMEOUT', 'failed'],
  ] as const)('ends the job when it is told %s', async (code, state) => {
    const controller = new AbortController()
    const source = scriptedSource({
      beforePage: ({ ids, signal }) => {
        if (!ids.includes('ID-10')) return
        controller.abort(new TraceError(code, 'enough'))
        signal.throwIfAborted()
      },
    })
    const job = await setUp(question(), { source })
    expect(await job.run(controller.signal)).toMatchObject({ code })
    expect(await snapshotOf(job)).toMatchObject({ state, error: { code, message: 'enough' } })
    expect((await linesOf(job)).at(-1)).toEqual({ type: 'error', code, message: 'enough', retryable: false })
  })

  it('hands the job back when the server stops', async () => {
    const controller = new AbortController()
    controller.abort(new TraceError('QUEUE_UNAVAILABLE', 'stopping'))
    const job = await setUp()
    await expect(job.run(controller.signal)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    expect(await snapshotOf(job)).toMatchObject({ state: 'running' })
  })

  it('fails the job when the store has no more room', async () => {
    const job = await setUp(question(), { limitBytes: 4_000 })
    expect(await job.run()).toMatchObject({ code: 'RESULT_TOO_LARGE' })
    expect(await snapshotOf(job)).toMatchObject({ state: 'failed', error: { code: 'RESULT_TOO_LARGE' } })
  })

  it('fails the job when its question is gone', async () => {
    const { runDeps, log, clock } = createTestTrace()
    await log.create({
      jobId: 'j',
      owner: '',
      kind: 'events',
      profile: 'p',
      domains: [],
      cidCount: 0,
      createdAtMs: clock.now(),
    })
    await runJob({ jobId: 'j', signal: NEVER }, runDeps)
    expect(await log.snapshot('j')).toMatchObject({ state: 'failed', error: { code: 'CHUNK_MISSING' } })
  })

  it('does nothing for a job that was cancelled, or is gone', async () => {
    const job = await setUp()
    await job.log.leave('j', null)
    expect(await job.run()).toBeNull()
    await job.log.delete('j')
    expect(await job.run()).toBeNull()
  })

  it('says nothing more when another writer has taken over', async () => {
    const source = scriptedSource({
      beforePage: async ({ ids, index }) => {
        if (ids.includes('ID-20') && index === 0) await job.log.open('j')
      },
    })
    const job = await setUp(question(), { source })
    expect(await job.run()).toMatchObject({ code: 'STALE_LEASE' })
    expect(await snapshotOf(job)).toMatchObject({ state: 'running', attempt: 2 })
  })
})

describe('a writer that takes over', () => {
  const defects = question({
    profile: 'mid_section_defect',
    params: { mode: 'container', station: '測試' },
    domains: ['upstream_history', 'materials'],
    seedIds: IDS.slice(0, 12),
    lineage: Object.fromEntries(IDS.slice(0, 12).map((id, i) => [id, IDS.slice(12 + (i % 10), 20)])),
  })

  /** Runs the job through writers that each die at their `n`th commit, and one that does not. */
  async function runThrough(asked: PlainQuestion, deaths: number[]) {
    const job = await setUp(asked, { source: scriptedSource({ rowsPerPage: 5 }) })
    for (const death of deaths) {
      let commits = 0
      const dying: Partial<ResultLog> = {
        commit: async (...args) => {
          if (++commits === death) throw new TraceError('STORE_UNAVAILABLE', 'killed')
          await job.log.commit(...args)
        },
        finish: async () => {
          throw new TraceError('STORE_UNAVAILABLE', 'killed')
        },
      }
      await expect(job.run(NEVER, dying)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    }
    expect(await job.run()).toBeNull()
    return { job, lines: await linesOf(job) }
  }

  it('goes on from the last commit: same rows, same order, same aggregation, no gap', async () => {
    for (const asked of [question(), defects]) {
      const { lines: whole } = await runThrough(asked, [])
      const aggregation = whole.find((line) => line.type === 'aggregation')
      expect(aggregation !== undefined).toBe(asked === defects)
      for (let death = 1; death <= 14; death++) {
        const { job, lines } = await runThrough(asked, [death, 3])
        for (const domain of asked.domains) {
          expect(rowsOf(lines, domain), `${domain}, death ${death}`).toEqual(rowsOf(whole, domain))
          const batches = lines.filter((line) => line.type === 'records' && line.domain === domain)
          expect(batches.map((line) => line.batch)).toEqual(batches.map((_, index) => index))
          expect(lines.filter((line) => line.type === 'domain_start' && line.domain === domain)).toHaveLength(
            1,
          )
        }
        const seqs = lines.flatMap((line) => (line.seq === undefined ? [] : [line.seq]))
        expect(seqs).toEqual(seqs.map((_, index) => index + 1))
        expect(lines.find((line) => line.type === 'aggregation')).toEqual(aggregation)
        expect(lines.at(-1)).toEqual(whole.at(-1))
        expect(await snapshotOf(job)).toMatchObject({ attempt: 3, state: 'completed' })
      }
    }
  })

  it('knows the domain that the last writer declared failed', async () => {
    const source = scriptedSource({
      beforePage: ({ domain }) => {
        if (domain === 'history') throw new Error('gone')
      },
    })
    const job = await setUp(question(), { source })
    const finish: ResultLog['finish'] = async () => {
      throw new TraceError('STORE_UNAVAILABLE', 'killed')
    }
    await expect(job.run(NEVER, { finish })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await job.run()
    expect(await snapshotOf(job)).toMatchObject({
      state: 'completed',
      domains: [{ state: 'failed' }, { state: 'done', rows: 75 }],
    })
  })
})
