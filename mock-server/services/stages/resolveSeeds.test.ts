import { describe, expect, it } from 'vitest'
import { TraceError } from '../../../src/errors.js'
import type { SeedPage, SeedQuery } from '../../ports/index.js'
import { createTestTrace, type TestTraceOptions } from '../../testing/createTestTrace.js'
import { scriptedSource } from '../../testing/scriptedSource.js'

const BY_LOT = { profile: 'query_tool', params: { resolve_type: 'lot_id', values: ['L1', ' L2 ', 'L1', ''] } }

const NOTHING: SeedPage = { seeds: [], matched: [], next: null }

function setUp(options: TestTraceOptions = {}) {
  const asked: SeedQuery[] = []
  const scripted = scriptedSource()
  const source = {
    ...scripted,
    resolveSeeds: (query: SeedQuery, rest: { after: string | null; signal: AbortSignal }) => {
      asked.push(query)
      return scripted.resolveSeeds(query, rest)
    },
  }
  return { ...createTestTrace({ source, ...options }), asked }
}

describe('a seed-resolve answer', () => {
  it('has each seed once, counted, and an opaque cache_key', async () => {
    const { post, asked } = setUp()
    const answer = await (await post('seed-resolve', BY_LOT)).json()
    expect(answer).toEqual({
      stage: 'seed-resolve',
      seed_count: 2,
      unmatched: [],
      unmatched_count: 0,
      cache_key: expect.stringMatching(/^trace:seed:query_tool:[0-9a-f]{12}$/),
      seeds: [
        { container_id: 'L1', container_name: 'N-L1', lot_id: 'N-L1' },
        { container_id: 'L2', container_name: 'N-L2', lot_id: 'N-L2' },
      ],
    })
    expect(asked).toEqual([
      { profile: 'query_tool', by: 'values', resolveType: 'lot_id', values: ['L1', 'L2'] },
    ])
  })

  it('is a 200 without seeds when nothing is found', async () => {
    const { post } = setUp({ source: { ...scriptedSource(), resolveSeeds: async () => NOTHING } })
    const response = await post('seed-resolve', BY_LOT)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ seeds: [], seed_count: 0 })
  })

  it('holds as many seeds as there are, batch by batch', async () => {
    const { post } = setUp({ settings: { idBatchSize: 7 } })
    const values = Array.from({ length: 100 }, (_, i) => `L${i}`)
    const body = { profile: 'query_tool', params: { resolve_type: 'lot_id', values } }
    const { seeds } = await (await post('seed-resolve', body)).json()
    expect(seeds.map((seed: { container_id: string }) => seed.container_id)).toEqual(values)
  })

  it('is made of all pages of the source, and leaves out by which value a seed was found', async () => {
    const values = Array.from({ length: 23 }, (_, i) => `L${i}`)
    const { post } = setUp({ source: scriptedSource({ seedsPerPage: 5 }) })
    const body = { profile: 'query_tool', params: { resolve_type: 'lot_id', values } }
    const { seeds, seed_count } = await (await post('seed-resolve', body)).json()
    expect(seed_count).toBe(23)
    expect(seeds.at(-1)).toEqual({ container_id: 'L22', container_name: 'N-L22', lot_id: 'N-L22' })
  })

  it('names the values that found nothing, also when it comes from the cache', async () => {
    const { post, asked } = setUp()
    const values = ['L1', 'missing-1', 'L2', 'missing-2']
    const body = { profile: 'query_tool', params: { resolve_type: 'lot_id', values } }
    for (let time = 0; time < 2; time++) {
      expect(await (await post('seed-resolve', body)).json()).toMatchObject({
        seed_count: 2,
        unmatched: ['missing-1', 'missing-2'],
        unmatched_count: 2,
      })
    }
    expect(asked).toHaveLength(1)
  })

  it('of a question by dates says nothing of values', async () => {
    const { post } = setUp()
    const params = { start_date: '2026-01-01', end_date: '2026-01-02' }
    const answer = await (await post('seed-resolve', { profile: 'mid_section_defect', params })).json()
    expect(Object.keys(answer)).toEqual(['stage', 'seed_count', 'cache_key', 'seeds'])
  })

  it('takes what every profile asks by', async () => {
    const { post, asked } = setUp()
    const values = ['v']
    for (const [profile, params] of [
      ['query_tool_reverse', { input_type: 'serial_number', values }],
      ['mid_section_defect', { mode: 'container', resolve_type: 'wafer_lot', values }],
      ['mid_section_defect', { start_date: '2026-01-01', end_date: '2026-05-31' }],
      [' mid_section_defect ', { date_range: ['2026-01-01', '2026-01-02'], station: '焊接' }],
    ] as const) {
      expect((await post('seed-resolve', { profile, params })).status).toBe(200)
    }
    expect(asked).toEqual([
      { profile: 'query_tool_reverse', by: 'values', resolveType: 'serial_number', values },
      { profile: 'mid_section_defect', by: 'values', resolveType: 'wafer_lot', values },
      {
        profile: 'mid_section_defect',
        by: 'date_range',
        start: '2026-01-01',
        end: '2026-05-31',
        station: '測試',
      },
      {
        profile: 'mid_section_defect',
        by: 'date_range',
        start: '2026-01-01',
        end: '2026-01-02',
        station: '焊接',
      },
    ])
  })

  it('has one cache_key for defect questions that differ in loss_reasons only', async () => {
    const { post } = setUp()
    const dates = { start_date: '2026-01-01', end_date: '2026-01-02' }
    const keys = []
    for (const params of [dates, { ...dates, loss_reasons: ['a'] }, { ...dates, station: 'x' }]) {
      keys.push(
        (await (await post('seed-resolve', { profile: 'mid_section_defect', params })).json()).cache_key,
      )
    }
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).not.toBe(keys[0])
  })
})

describe('the seed cache', () => {
  it('gives the same seeds again, for a while, to the same caller', async () => {
    const { post, asked, clock } = setUp({ identify: (request) => request.headers.get('X-User') ?? 'anyone' })
    const first = await (await post('seed-resolve', BY_LOT)).text()
    expect(await (await post('seed-resolve', BY_LOT)).text()).toBe(first)
    expect(asked).toHaveLength(1)
    await post('seed-resolve', BY_LOT, { 'X-User': 'bob' })
    await post('seed-resolve', BY_LOT, { 'Cache-Control': 'max-age=0, no-cache' })
    expect(asked).toHaveLength(3)
    await clock.advance(301_000)
    await post('seed-resolve', BY_LOT)
    expect(asked).toHaveLength(4)
  })

  it('that is full is no reason to fail', async () => {
    const { post, warnings } = setUp({ limitBytes: 10 })
    expect((await post('seed-resolve', BY_LOT)).status).toBe(200)
    expect(warnings.join()).toContain('not cached')
  })
})

describe('a seed-resolve that fails', () => {
  it.each([
    [
      new TraceError('SEED_RESOLVE_FAILED', '解析失敗: x'),
      400,
      { code: 'SEED_RESOLVE_FAILED', message: '解析失敗: x' },
    ],
    [
      new TraceError('SEED_RESOLVE_FAILED', 'seed resolve service unavailable', { status: 503 }),
      503,
      { code: 'SEED_RESOLVE_FAILED', message: 'seed resolve service unavailable' },
    ],
    [new Error('ORA-00942'), 500, { code: 'INTERNAL_ERROR', message: '伺服器發生未預期的錯誤' }],
  ])('with %s', async (cause, status, error) => {
    const { post } = setUp({
      source: {
        ...scriptedSource(),
        resolveSeeds: async () => {
          throw cause
        },
      },
    })
    const response = await post('seed-resolve', BY_LOT)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ success: false, error })
  })
})
