import { describe, expect, it } from 'vitest'
import { untilAborted } from '../../../src/async/abort.js'
import { TraceError } from '../../../src/errors.js'
import type { CommitProgress, JobSnapshot, ResultLog, Row, TraceSource } from '../../ports/index.js'
import { createTestTrace, type TestTraceOptions } from '../../testing/createTestTrace.js'
import { rowsOf, type Line } from '../../testing/readLines.js'
import { scriptedRows, scriptedSource } from '../../testing/scriptedSource.js'
import { runDomains, storeRunQuestion, type RunQuestion } from '../questions/RunQuestion.js'
import { runJob } from './runJob.js'

const NEVER = new AbortController().signal
const VALUES = Array.from({ length: 25 }, (_, i) => `S-${i}`)

function questionOf(overrides: Partial<RunQuestion> = {}): RunQuestion {
  const profile = overrides.profile ?? 'query_tool_reverse'
  return {
    profile,
    params: {},
    hasFigures: false,
    hasLineage: true,
    direction: 'backward',
    query: { profile, by: 'values', resolveType: 'serial_number', values: VALUES },
    domains: ['history', 'holds'],
    ...overrides,
  }
}

const DEFECTS = questionOf({
  hasFigures: true,
  profile: 'mid_section_defect',
  params: { mode: 'container', resolve_type: 'lot_id', station: '測試' },
  query: { profile: 'mid_section_defect', by: 'values', resolveType: 'lot_id', values: VALUES },
  domains: ['upstream_history', 'materials'],
})

/** A stored question as a job, whose attempts the test takes itself. */
async function setUp(question = questionOf(), options: TestTraceOptions = {}) {
  const source = options.source ?? scriptedSource({ seedsPerPage: 10 })
  const settings = { streamBatchSize: 10, idBatchSize: 7, ...options.settings }
  const trace = createTestTrace({ ...options, source, settings })
  await storeRunQuestion(trace, 'j', question, 1_000)
  await trace.log.create({
    ...{ jobId: 'j', owner: '', kind: 'run', profile: question.profile },
    ...{ domains: runDomains(question), cidCount: null, createdAtMs: trace.clock.now() },
  })
  const run = (signal = NEVER, log: Partial<ResultLog> = {}) =>
    runJob({ jobId: 'j', signal }, { ...trace.runDeps, log: { ...trace.log, ...log } })
  const snapshot = async () => (await trace.log.snapshot('j')) as JobSnapshot

  /** All lines, as a reader after the end gets them. */
  async function lines(): Promise<Line[]> {
    const asked = { owner: '', follow: true, cursor: { after: 0, epoch: null }, signal: NEVER }
    let text = ''
    for await (const chunk of await trace.services.openJobStream('j', asked)) {
      if (typeof chunk === 'string') text += chunk
      else text += new TextDecoder().decode('encoding' in chunk ? trace.codec.decode(chunk) : chunk)
    }
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
  }

  return { ...trace, run, snapshot, lines }
}

/** The CIDs of some seeds, traced in batches of seven: seeds, then their ancestors, each once. */
function cidsOf(seeds: readonly string[]): string[] {
  const cids = new Set<string>()
  for (let at = 0; at < seeds.length; at += 7) {
    const batch = seeds.slice(at, at + 7)
    for (const id of batch) cids.add(id)
    for (const id of batch) for (const up of [`${id}-up`, 'top']) cids.add(up)
  }
  return [...cids]
}

const byId = (rows: readonly unknown[]) => {
  return [...rows].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
}

describe('a run', () => {
  it('finds the seeds, traces them, and writes every row of every CID once, domains side by side', async () => {
    const job = await setUp()
    expect(await job.run()).toBeNull()
    const lines = await job.lines()
    const sequenced = lines.filter((line) => line.seq !== undefined)
    expect(sequenced.map((line) => line.seq)).toEqual(sequenced.map((_, i) => i + 1))
    const domains = lines.flatMap((line) => (line.type === 'records' ? [line.domain] : []))
    // The first rows of events come before the last seed.
    expect(domains.indexOf('history')).toBeLessThan(domains.lastIndexOf('seeds'))
    expect(domains.indexOf('holds')).toBeLessThan(domains.lastIndexOf('history'))
    expect(rowsOf(lines, 'seeds')).toEqual(
      VALUES.map((id) => ({
        ...{ CONTAINERID: id, CONTAINERNAME: `N-${id}`, LOT_ID: `N-${id}`, INPUT_VALUE: id },
      })),
    )
    for (const domain of ['history', 'holds']) {
      expect(rowsOf(lines, domain)).toEqual(scriptedRows(domain, cidsOf(VALUES)))
      const batches = lines.filter((line) => line.type === 'records' && line.domain === domain)
      expect(batches.map((line) => line.batch)).toEqual(batches.map((_, i) => i))
    }
    expect(await job.snapshot()).toMatchObject({
      ...{ state: 'completed', phase: 'done', cidCount: 51, cidsDone: 51, seedsDone: 25, seedsTotal: 25 },
    })
  })

  it('follows lots downstream', async () => {
    const profile = 'query_tool' as const
    const query = { profile, by: 'values' as const, resolveType: 'lot_id' as const, values: ['A', 'B'] }
    const job = await setUp(questionOf({ profile, direction: 'forward', query, domains: ['history'] }))
    await job.run()
    expect(rowsOf(await job.lines(), 'history')).toEqual(
      scriptedRows('history', ['A', 'B', 'A-1', 'A-2', 'B-1', 'B-2']),
    )
  })

  it('tells which values found nothing, even when it is none', async () => {
    for (const missing of [[], ['missing-1', 'missing-2']]) {
      const query = { ...questionOf().query, values: [...VALUES, ...missing] } as RunQuestion['query']
      const job = await setUp(questionOf({ query }))
      await job.run()
      const lines = await job.lines()
      const types = lines.map(({ type, domain }) => `${String(type)} ${String(domain)}`)
      expect(lines.filter(({ type }) => type === 'unmatched')).toMatchObject([
        { count: missing.length, values: missing },
      ])
      expect(types.indexOf('unmatched undefined')).toBe(types.indexOf('domain_end seeds') + 1)
      expect(lines.at(-1)!.type).toBe('complete')
    }
  })

  it('is complete, and empty, when nothing is found', async () => {
    const query = { ...questionOf().query, values: ['missing'] } as RunQuestion['query']
    const job = await setUp(questionOf({ query }))
    await job.run()
    expect((await job.lines()).at(-1)).toEqual({
      ...{ type: 'complete', total_records: 0, domains: { seeds: 0, history: 0, holds: 0 } },
    })
    expect(await job.snapshot()).toMatchObject({ state: 'completed', cidCount: 0, seedsTotal: 0 })
  })

  it('writes what was measured of the seeds, and the figures', async () => {
    const job = await setUp(DEFECTS)
    expect(await job.run()).toBeNull()
    const lines = await job.lines()
    const detections = rowsOf(lines, 'detections') as Row[]
    expect(detections.map((row) => row.CONTAINERID)).toEqual(VALUES)
    expect(Object.keys(detections[0]!)).toEqual([
      ...['CONTAINERID', 'LOT_ID', 'DATE', 'INPUTQTY', 'DEFECTQTY', 'RATE', 'TOP_REASON', 'PRODUCT'],
      'IS_REWORK',
    ])
    expect(lines.find(({ type }) => type === 'aggregation')).toMatchObject({
      data: { kpi: { lot_count: 25 } },
    })
  })

  it('has no figures when the detections cannot be fetched, and says which domain failed', async () => {
    const source: TraceSource = {
      ...scriptedSource(),
      async *detections() {
        throw new Error('no such table')
      },
    }
    const job = await setUp(DEFECTS, { source })
    expect(await job.run()).toBeNull()
    const lines = await job.lines()
    expect(lines.map(({ type }) => type)).not.toContain('aggregation')
    expect(lines.find(({ type }) => type === 'warning')).toMatchObject({ failed_domains: ['detections'] })
    expect(rowsOf(lines, 'materials')).toHaveLength(51 * 3)
  })

  it.each([
    ['seeds', { beforeSeeds: broken }, 'SEED_RESOLVE_FAILED'],
    ['lineage', { beforeLineage: broken }, 'LINEAGE_FAILED'],
  ] as const)('fails when its %s cannot be found, and can be gone on with', async (_, fault, code) => {
    let isBroken = true
    const heals = Object.fromEntries(
      Object.entries(fault).map(([name, fail]) => [name, () => isBroken && fail()]),
    )
    const source = scriptedSource({ seedsPerPage: 10, ...heals })
    const job = await setUp(questionOf(), { source })
    expect(await job.run()).toMatchObject({ code })
    expect(await job.snapshot()).toMatchObject({ state: 'failed', error: { code } })
    isBroken = false
    expect(await job.log.reopen('j', 't')).toBe(true)
    expect(await job.run()).toBeNull()
    expect(rowsOf(await job.lines(), 'history')).toEqual(scriptedRows('history', cidsOf(VALUES)))
  })

  it('counts a seed once that a page names twice', async () => {
    const plain = scriptedSource()
    const source: TraceSource = {
      ...plain,
      async resolveSeeds(query, options) {
        const page = await plain.resolveSeeds(query, options)
        return { ...page, seeds: page.seeds.flatMap((seed) => [seed, seed]) }
      },
    }
    const job = await setUp(questionOf(), { source })
    await job.run()
    expect(rowsOf(await job.lines(), 'seeds')).toHaveLength(25)
    expect(await job.snapshot()).toMatchObject({ seedsTotal: 25 })
  })

  it('is complete although the store has no room for what other loss reasons need', async () => {
    const job = await setUp(DEFECTS)
    const commit: ResultLog['commit'] = async (jobId, lease, added) => {
      if (added.lists.some(({ list }) => list === 'postings'))
        throw new TraceError('RESULT_TOO_LARGE', 'full')
      await job.log.commit(jobId, lease, added)
    }
    expect(await job.run(NEVER, { commit })).toBeNull()
    expect((await job.lines()).map(({ type }) => type)).toContain('aggregation')
    expect(job.warnings.join()).toContain('other loss reasons')
  })

  it.each(['resolveSeeds', 'lineage', 'events'] as const)(
    'tells the page a sentence when %s fails, and the log what is behind it',
    async (method) => {
      const cause = new Error('FATAL: too many clients')
      const fail = () => {
        throw new TraceError('SOURCE_UNAVAILABLE', 'The database takes no more connections.', { cause })
      }
      const job = await setUp(questionOf(), { source: { ...scriptedSource(), [method]: fail } })
      await job.run()
      const lines = JSON.stringify(await job.lines())
      expect(lines).toContain('SOURCE_UNAVAILABLE')
      expect(lines).not.toContain('FATAL')
      expect(job.warnings.join()).toContain('takes no more connections. (Error: FATAL: too many clients)')
    },
  )

  it('fails beyond the limit of CIDs', async () => {
    const job = await setUp(questionOf(), { settings: { runCidLimit: 20 } })
    expect(await job.run()).toMatchObject({ code: 'CID_LIMIT_EXCEEDED' })
    expect(await job.snapshot()).toMatchObject({ state: 'failed' })
  })

  it('has no more queries under way than allowed, over all stages and domains together', async () => {
    let underWay = 0
    let most = 0
    async function counted<T>(work: () => Promise<T>): Promise<T> {
      most = Math.max(most, ++underWay)
      await new Promise((resolve) => setTimeout(resolve, 1))
      const result = await work()
      underWay--
      return result
    }
    const plain = scriptedSource({ seedsPerPage: 3 })
    const source: TraceSource = {
      ...plain,
      resolveSeeds: (query, options) => counted(() => plain.resolveSeeds(query, options)),
      lineage: (ids, direction, options) => counted(() => plain.lineage(ids, direction, options)),
      async *events(domain, ids, options) {
        yield* await counted(async () => {
          const pages = []
          for await (const page of plain.events(domain, ids, options)) pages.push(page)
          return pages
        })
      },
    }
    const job = await setUp(questionOf(), { source, settings: { sourceConcurrency: 3 } })
    expect(await job.run()).toBeNull()
    expect(most).toBe(3)
  })

  it('tells its phase, and counts that grow to the exact ones', async () => {
    const told: CommitProgress[] = []
    const job = await setUp()
    await job.run(NEVER, {
      commit: async (jobId, lease, added) => {
        told.push(added.progress)
        await job.log.commit(jobId, lease, added)
      },
    })
    const phases = told.map(({ phase }) => phase)
    expect([...new Set(phases)]).toEqual(['seeds', 'lineage', 'fetching', 'aggregating'])
    for (const count of ['seedsDone', 'cidsDone'] as const) {
      const seen = told.map((progress) => progress[count]!)
      expect(seen).toEqual([...seen].sort((a, b) => a - b))
    }
    expect(told[0]).not.toHaveProperty('seedsTotal')
  })

  it('shows rows within a second although the next query takes long', async () => {
    const source = scriptedSource({
      beforePage: ({ domain, index, signal }) =>
        domain === 'history' && index === 1 ? untilAborted(signal, new Promise(() => {})) : undefined,
    })
    const controller = new AbortController()
    const job = await setUp(questionOf(), {
      source,
      settings: { streamBatchSize: 1_000, idBatchSize: 1_000 },
    })
    const ended = job.run(controller.signal)
    const settle = () => new Promise((resolve) => setTimeout(resolve, 5))
    await settle()
    const rowsOfHistory = async () => (await job.snapshot()).domains[1]!.rows
    expect(await rowsOfHistory()).toBe(0)
    await job.clock.advance(1_000)
    await settle()
    expect(await rowsOfHistory()).toBe(3)
    controller.abort(new TraceError('JOB_CANCELLED', 'enough'))
    await ended
  })

  it('stops all its queries when it is cancelled', async () => {
    const controller = new AbortController()
    const begun = new Set<string>()
    const aborted = new Set<string>()
    const source = scriptedSource({
      seedsPerPage: 10,
      beforePage: async ({ domain, signal }) => {
        begun.add(domain)
        if (begun.size === 2) setTimeout(() => controller.abort(new TraceError('JOB_CANCELLED', 'enough')))
        await untilAborted(signal, new Promise(() => {})).catch(() => aborted.add(domain))
        signal.throwIfAborted()
      },
    })
    const job = await setUp(questionOf(), { source })
    expect(await job.run(controller.signal)).toMatchObject({ code: 'JOB_CANCELLED' })
    expect([...aborted].sort()).toEqual(['history', 'holds'])
    expect(await job.snapshot()).toMatchObject({ state: 'cancelled' })
  })
})

describe('a run that is taken over', () => {
  /** Runs through attempts that each die at their `n`th commit, and one that does not. */
  async function runThrough(question: RunQuestion, deaths: readonly number[]) {
    const asked: string[] = []
    const source = scriptedSource({
      ...{ seedsPerPage: 10, rowsPerPage: 5 },
      beforePage: ({ domain, ids, index }) => {
        if (index === 0) for (const id of ids) asked.push(`${domain} ${id}`)
      },
    })
    const job = await setUp(question, { source })
    for (const death of deaths) {
      let commits = 0
      const dying: Partial<ResultLog> = {
        commit: async (...args) => {
          if (++commits >= death) throw new TraceError('STORE_UNAVAILABLE', 'killed')
          await job.log.commit(...args)
        },
        finish: async () => {
          throw new TraceError('STORE_UNAVAILABLE', 'killed')
        },
      }
      await expect(job.run(NEVER, dying)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    }
    asked.length = 0
    expect(await job.run()).toBeNull()
    return { job, asked, lines: await job.lines() }
  }

  it.each([
    ['lots', questionOf()],
    ['defects', DEFECTS],
  ])(
    'goes on from the last commit, in whatever stage: no row missing, none twice, same figures (%s)',
    { timeout: 60_000 },
    async (_, question) => {
      const { lines: whole } = await runThrough(question, [])
      const last = ({ type }: Line) => type === 'aggregation' || type === 'complete'
      for (let death = 1; death <= 30; death++) {
        const { job, lines } = await runThrough(question, [death, 4])
        for (const domain of runDomains(question)) {
          expect(byId(rowsOf(lines, domain)), `${domain}, death ${death}`).toEqual(
            byId(rowsOf(whole, domain)),
          )
          const batches = lines.filter((line) => line.type === 'records' && line.domain === domain)
          expect(batches.map((line) => line.batch)).toEqual(batches.map((_, i) => i))
        }
        expect(lines.filter(({ type }) => type === 'unmatched')).toHaveLength(1)
        const seqs = lines.flatMap((line) => (line.seq === undefined ? [] : [line.seq]))
        expect(seqs).toEqual(seqs.map((_, i) => i + 1))
        expect(lines.filter(last)).toEqual(whole.filter(last))
        expect(await job.snapshot()).toMatchObject({ attempt: 3, state: 'completed' })
      }
    },
  )

  it('asks only for the ids whose rows are not in the log', async () => {
    const { asked: all } = await runThrough(questionOf(), [])
    const { asked } = await runThrough(questionOf(), [8])
    expect(asked.length).toBeLessThan(all.length)
    expect(new Set(asked).size).toBe(asked.length)
  })

  it('never goes back to a stage that it has left', async () => {
    const { job } = await runThrough(questionOf(), [])
    // Nothing is left but to complete: as after a death between the last commit and the end.
    const again = await setUp(questionOf())
    await expect(
      again.run(NEVER, {
        finish: async () => {
          throw new TraceError('STORE_UNAVAILABLE', 'killed')
        },
      }),
    ).rejects.toThrow('killed')
    const phases: string[] = []
    await again.run(NEVER, {
      commit: async (jobId, lease, added) => {
        phases.push(added.progress.phase)
        await again.log.commit(jobId, lease, added)
      },
    })
    expect(phases).not.toContain('lineage')
    expect(await again.snapshot()).toMatchObject({ rows: (await job.snapshot()).rows })
  })

  it('fails a domain whose source gives rows of an id that was not asked for, which a takeover would lose', async () => {
    const source = scriptedSource({ seedsPerPage: 10 })
    const job = await setUp(questionOf(), {
      source: {
        ...source,
        // As a database pads a CHAR column.
        async *events(domain, ids, options) {
          for await (const rows of source.events(domain, ids, options)) {
            yield domain === 'holds'
              ? rows.map((row) => ({ ...row, CONTAINERID: `${row.CONTAINERID} ` }))
              : rows
          }
        },
      },
    })
    await job.run()
    expect(await job.snapshot()).toMatchObject({
      state: 'completed',
      domains: [{}, { name: 'history', state: 'done' }, { name: 'holds', state: 'failed' }],
    })
    expect(job.warnings.join()).toMatch(/gave rows of "S-\d+ ", which was not asked for/)
  })

  it('fetches only the domains that failed when a partial one is gone on with', async () => {
    let isBroken = true
    const asked: string[] = []
    const source = scriptedSource({
      seedsPerPage: 10,
      beforeSeeds: () => asked.push('seeds'),
      beforeLineage: () => asked.push('lineage'),
      beforePage: ({ domain, ids }) => {
        asked.push(domain)
        if (isBroken && domain === 'materials' && ids.includes('S-20')) throw new Error('ORA-03113')
      },
    })
    const job = await setUp(DEFECTS, { source })
    await job.run()
    expect(await job.snapshot()).toMatchObject({ state: 'completed', domains: { 3: { state: 'failed' } } })
    isBroken = false
    asked.length = 0
    expect(await job.log.reopen('j', 't')).toBe(true)
    expect(await job.run()).toBeNull()
    expect([...new Set(asked)]).toEqual(['materials'])
    const lines = await job.lines()
    expect(rowsOf(lines, 'materials')).toEqual(scriptedRows('materials', cidsOf(VALUES)))

    const undisturbed = await setUp(DEFECTS)
    await undisturbed.run()
    const figures = ({ type }: Line) => type === 'aggregation'
    expect(lines.find(figures)).toEqual((await undisturbed.lines()).find(figures))
  })
})

function broken(): never {
  throw new Error('ORA-12541: no listener')
}
