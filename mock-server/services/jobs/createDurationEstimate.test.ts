import { describe, expect, it } from 'vitest'
import { TraceError } from '../../../src/errors.js'
import { createByteBudget } from '../../adapters/memory/createByteBudget.js'
import { createMemoryBatchStore } from '../../adapters/memory/createMemoryBatchStore.js'
import { zlibCodec } from '../../adapters/zlib/zlibCodec.js'
import type { JobSnapshot } from '../../ports/index.js'
import { createManualClock } from '../../testing/createManualClock.js'
import { nameRun, storeRunQuestion, type RunQuestion } from '../questions/RunQuestion.js'
import { createDurationEstimate } from './createDurationEstimate.js'

const days = (end: string): RunQuestion => ({
  profile: 'mid_section_defect',
  params: {},
  hasFigures: true,
  hasLineage: true,
  direction: 'backward',
  query: { profile: 'mid_section_defect', by: 'date_range', start: '2026-01-01', end, station: '測試' },
  domains: ['upstream_history', 'materials'],
})
const TEN_DAYS = days('2026-01-10')

const RUNNING: JobSnapshot = {
  jobId: 'j',
  owner: 'me',
  kind: 'run',
  profile: 'mid_section_defect',
  domains: [],
  cidCount: null,
  createdAtMs: 0,
  state: 'running',
  phase: 'seeds',
  epoch: 'e',
  attempt: 1,
  head: 1,
  stages: { seedsAfter: null, areSeedsDone: false, seedsTraced: 0 },
  currentDomain: null,
  cidsDone: 0,
  seedsDone: 0,
  seedsTotal: null,
  rows: 0,
  textBytes: 0,
  startedAtMs: 0,
  completedAtMs: null,
  expiresAtMs: 0,
  error: null,
  cancelRequested: false,
}

function setUp() {
  const clock = createManualClock()
  const store = createMemoryBatchStore({ clock, budget: createByteBudget(2 ** 20) })
  const parts = { store, codec: zlibCodec }
  let number = 0

  return {
    store,
    open: () => createDurationEstimate(parts),
    async begin(question: RunQuestion = TEN_DAYS): Promise<JobSnapshot> {
      const jobId = `j${++number}`
      await storeRunQuestion(parts, jobId, question, 3600)
      return { ...RUNNING, jobId }
    },
  }
}

const completed = (job: JobSnapshot, cidCount: number, tookMs: number): JobSnapshot => ({
  ...job,
  ...{ state: 'completed', phase: 'done', cidCount, cidsDone: cidCount, completedAtMs: tookMs },
})

describe('how far a run is', () => {
  it('is not known while there are no others to measure by', async () => {
    const { open, begin } = setUp()
    const job = await begin()
    expect(await open().outlook(job, 5_000)).toEqual({ fraction: null, etaSeconds: null })
    expect(await open().ofRun(TEN_DAYS, await nameRun('me', TEN_DAYS))).toBeNull()
  })

  it('is known without others once all CIDs are found', async () => {
    const { open, begin } = setUp()
    const job = { ...(await begin()), cidCount: 1_000, cidsDone: 250 }
    expect(await open().outlook(job, 5_000)).toEqual({ fraction: 0.25, etaSeconds: 15 })
  })

  it('is told from the first seconds on by what each day took, also after a restart', async () => {
    const { open, begin } = setUp()
    await open().observe(completed(await begin(), 10_000, 20_000))
    const restarted = open()
    // Twice the days.
    const question = days('2026-01-20')
    expect(await restarted.ofRun(question, await nameRun('me', question))).toBe(40)
    expect(await restarted.outlook(await begin(question), 4_000)).toEqual({ fraction: 0.1, etaSeconds: 36 })
  })

  it('is told by the number of CIDs when the same was asked before', async () => {
    const { open, begin } = setUp()
    const durations = open()
    await durations.observe(completed(await begin(days('2026-01-31')), 31_000, 62_000))
    await durations.observe(completed(await begin(), 1_000, 400))
    expect(await durations.outlook(await begin(), 1_000)).toEqual({ fraction: 0.5, etaSeconds: 1 })
  })

  it('goes over to its own speed while rows come', async () => {
    const { open, begin } = setUp()
    const durations = open()
    await durations.observe(completed(await begin(), 10_000, 20_000))
    const job = { ...(await begin()), cidCount: 10_000, cidsDone: 5_000 }
    // Half of it took three times as long as with others.
    expect(await durations.outlook(job, 30_000)).toEqual({ fraction: 0.5, etaSeconds: 30 })
  })

  it('never falls, and is less than all before the end', async () => {
    const { open, begin } = setUp()
    const durations = open()
    await durations.observe(completed(await begin(), 10_000, 20_000))
    const job = await begin()
    const told: (number | null)[] = []
    const look = async (atMs: number, now: Partial<JobSnapshot> = {}) =>
      told.push((await durations.outlook({ ...job, ...now }, atMs)).fraction)
    for (let atMs = 1_000; atMs <= 60_000; atMs += 1_000) await look(atMs)
    // There are far more than there were the last time.
    for (let done = 1_000; done <= 50_000; done += 1_000) {
      await look(60_000 + done, { cidCount: 50_000, cidsDone: done })
    }
    expect(told).toEqual([...told].sort((a, b) => a! - b!))
    expect(told.at(-1)).toBe(0.99)
    expect((await durations.outlook(completed(job, 50_000, 120_000), 120_000)).fraction).toBe(1)
  })

  it('says of a job that takes longer than expected that it needs some of its time again', async () => {
    const { open, begin } = setUp()
    const durations = open()
    await durations.observe(completed(await begin(), 10_000, 20_000))
    expect(await durations.outlook(await begin(), 40_000)).toEqual({
      fraction: expect.closeTo(0.87, 2),
      etaSeconds: 6,
    })
  })

  it('of a job that was begun anew hours later is told by what is done, and does not fall by that', async () => {
    const { open, begin } = setUp()
    const durations = open()
    await durations.observe(completed(await begin(), 10_000, 20_000))
    const job = await begin()
    expect((await durations.outlook(job, 8_000)).fraction).toBe(0.4)
    const again = { ...job, attempt: 2, cidCount: 10_000, cidsDone: 2_500 }
    expect(await durations.outlook(again, 9_000_000)).toEqual({ fraction: 0.4, etaSeconds: 15 })
    expect(await durations.outlook({ ...again, cidsDone: 5_000 }, 9_001_000)).toEqual({
      fraction: 0.5,
      etaSeconds: 10,
    })
    const alone = setUp()
    const first = { ...(await alone.begin()), attempt: 2, cidCount: 10_000, cidsDone: 2_500 }
    expect(await alone.open().outlook(first, 9_000_000)).toEqual({ fraction: 0.25, etaSeconds: null })
  })

  it('does not stick at 99 % and one second when the question has grown', async () => {
    const { open, begin } = setUp()
    const durations = open()
    await durations.observe(completed(await begin(), 1_000, 20_000))
    const job = await begin()
    const grown = await durations.outlook({ ...job, cidsDone: 5_000 }, 30_000)
    expect(grown).toEqual({ fraction: expect.closeTo(0.87, 2), etaSeconds: null })
    const known = await durations.outlook({ ...job, cidsDone: 5_000, cidCount: 10_000 }, 31_000)
    expect(known.etaSeconds).toBe(31)
  })

  it('is looked for again after the store was away for a moment', async () => {
    const { store, open, begin } = setUp()
    await open().observe(completed(await begin(), 10_000, 20_000))
    const durations = open()
    const job = await begin()
    const { get } = store
    store.get = async () => {
      throw new TraceError('STORE_UNAVAILABLE', 'away')
    }
    expect((await durations.outlook(job, 4_000)).fraction).toBeNull()
    store.get = get
    expect((await durations.outlook(job, 4_000)).fraction).toBe(0.2)
  })

  it('is not told by jobs of values when days are asked for', async () => {
    const { open, begin } = setUp()
    const durations = open()
    const values: RunQuestion = {
      ...TEN_DAYS,
      query: { profile: 'mid_section_defect', by: 'values', resolveType: 'lot_id', values: ['a', 'b'] },
    }
    await durations.observe(completed(await begin(values), 10_000, 20_000))
    expect((await durations.outlook(await begin(), 1_000)).fraction).toBeNull()
    expect((await durations.outlook(await begin(values), 1_000)).fraction).toBe(0.05)
  })

  it('is not known while the store is away, and that is no reason to fail', async () => {
    const { store, open, begin } = setUp()
    const durations = open()
    const job = await begin()
    store.get = async () => {
      throw new TraceError('STORE_UNAVAILABLE', 'away')
    }
    await durations.observe(completed(job, 10_000, 20_000))
    expect(await durations.outlook({ ...job, jobId: 'other' }, 1_000)).toEqual({
      fraction: null,
      etaSeconds: null,
    })
  })
})

describe('what jobs have taken', () => {
  it('counts a job once, however often it is looked at, by however many servers', async () => {
    const { open, begin } = setUp()
    const job = completed(await begin(), 10_000, 20_000)
    const longer = completed(await begin(), 10_000, 40_000)
    await open().observe(job)
    await open().observe(longer)
    for (let time = 0; time < 3; time++) await open().observe(longer)
    const name = await nameRun('me', TEN_DAYS)
    // A third of the older, two thirds of the newer.
    expect(await open().ofRun(TEN_DAYS, name)).toBe(34)
  })

  it('leaves out jobs that were begun twice, and those that are over at once', async () => {
    const { open, begin } = setUp()
    await open().observe({ ...completed(await begin(), 10_000, 20_000), attempt: 2 })
    await open().observe(completed(await begin(), 10, 400))
    expect(await open().ofRun(TEN_DAYS, await nameRun('me', TEN_DAYS))).toBeNull()
  })

  it('leaves out jobs with a failed domain, which end too early', async () => {
    const { open, begin } = setUp()
    const failed: JobSnapshot['domains'][number] = {
      ...{ name: 'materials', state: 'failed', rows: 0, code: 'EVENTS_PARTIAL_FAILURE' },
      checkpoint: { idsDone: 0, placesDone: [] },
    }
    await open().observe({ ...completed(await begin(), 10_000, 20_000), domains: [failed] })
    const others = days('2026-01-20')
    expect(await open().ofRun(others, await nameRun('me', others))).toBeNull()
  })

  it('is kept apart for jobs of CIDs, by profile', async () => {
    const { open } = setUp()
    const domains = ['history', 'holds'].map((name) => ({
      ...{ name, state: 'done' as const, rows: 1, code: null },
      checkpoint: { idsDone: 0, placesDone: [] },
    }))
    const job = { ...RUNNING, kind: 'events' as const, profile: 'query_tool', domains }
    await open().observe(completed(job, 1_000, 10_000))
    expect(await open().ofEvents('query_tool', 5_000, 1)).toBe(25)
    expect(await open().ofEvents('query_tool_reverse', 5_000, 1)).toBeNull()
  })
})
