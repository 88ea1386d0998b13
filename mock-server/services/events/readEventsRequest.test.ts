import { describe, expect, it } from 'vitest'
import { createTestTrace } from '../../testing/createTestTrace.js'
import { loadQuestion } from '../questions/Question.js'

const EVENTS = { profile: 'query_tool', container_ids: ['A', 'B'], domains: ['history'] }
const DATES = { start_date: '2026-02-01', end_date: '2026-02-02' }
const DEFECTS = { ...EVENTS, profile: 'mid_section_defect', params: DATES }
const LINEAGE = { ancestors: { A: ['A-up'] } }

/** Names that differ, with something after each and commas between: inside a list or a map. */
function names(count: number, after = ''): string {
  return Array.from({ length: count }, (_, i) => `"k${i}"${after}`).join(',')
}

/** A body's text, with what `JSON.stringify` would not write. */
function bodyOf(fields: object, more: string): string {
  return `${JSON.stringify(fields).slice(0, -1)},${more}}`
}

async function refusal(response: Response): Promise<{ status: number; code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string } }
  return { status: response.status, ...error }
}

describe('a lineage that only another server knows', () => {
  const reference = { ...DEFECTS, lineage_query_id: 'trace-lineage-1' }
  const refused = {
    status: 400,
    code: 'INVALID_PARAMS',
    message: expect.stringContaining('lineage_query_id names a lineage of another server') as string,
  }

  it.each([
    ['alone', {}],
    ['beside an empty lineage', { lineage: {} }],
    ['beside maps without entries', { lineage: { ancestors: {}, children_map: {} } }],
    ['beside roots, which are no lineage', { lineage: { seed_roots: { A: 'W' } }, seed_roots: { A: 'W' } }],
    ['beside seeds', { seed_container_ids: ['A'] }],
  ])('is refused when its name stands %s', async (_, more) => {
    const { post } = createTestTrace()
    for (const stage of ['events', 'events-async']) {
      expect(await refusal(await post(stage, { ...reference, ...more }))).toEqual(refused)
    }
  })

  it.each([
    ['the lineage itself', { lineage: LINEAGE }],
    ['ancestors at the top', LINEAGE],
    ['descendants', { lineage: { children_map: { A: ['A-1'] } } }],
  ])('does no harm beside %s', async (_, more) => {
    const { post } = createTestTrace()
    expect((await post('events', { ...reference, ...more })).status).toBe(200)
  })

  it.each([null, ''])('is not named by %j', async (lineage_query_id) => {
    const { post } = createTestTrace()
    expect((await post('events', { ...DEFECTS, lineage_query_id })).status).toBe(200)
  })

  it('changes no answer of the other profiles, nor of a lineage that is known', async () => {
    const { post } = createTestTrace()
    expect((await post('events', { ...EVENTS, lineage_query_id: 'x' })).status).toBe(200)
    const seeds = { profile: DEFECTS.profile, container_ids: ['A'] }
    const { lineage_id } = await (await post('lineage', seeds)).json()
    expect((await post('events', { ...reference, lineage_id })).status).toBe(200)
  })
})

describe('params of newer pages', () => {
  const asked = [
    ['seed-resolve', { profile: DEFECTS.profile }],
    ['events', DEFECTS],
    ['events-async', DEFECTS],
  ] as const

  it.each([
    ['pj_types', ['A'], 'pj_types is not supported'],
    ['pj_types', 'A', 'pj_types is not supported'],
    ['station', '測試,焊接', 'station must name one station'],
    ['station', '測試、焊接', 'station must name one station'],
  ])('%s=%j would change the answer, and is refused by name', async (name, value, message) => {
    const { post } = createTestTrace()
    for (const [stage, body] of asked) {
      const response = await post(stage, { ...body, params: { ...DATES, [name]: value } })
      expect(await refusal(response)).toMatchObject({
        status: 400,
        code: 'INVALID_PARAMS',
        message: expect.stringContaining(message) as string,
      })
    }
  })

  it.each([
    ['pj_types', []],
    ['pj_types', null],
    ['station', '測試'],
    ['whatever', ['A']],
  ])('%s=%j changes nothing', async (name, value) => {
    const { post } = createTestTrace()
    for (const [stage, body] of asked) {
      const response = await post(stage, { ...body, params: { ...DATES, [name]: value } })
      expect(response.ok, stage).toBe(true)
    }
  })

  it('are not kept where nobody knows them, and make no other question', async () => {
    const { post, store, codec } = createTestTrace()
    const params = { ...DATES, loss_reasons: ['裂'], note: 'x'.repeat(100_000), values: ['L1'] }
    const first = await (await post('events-async', { ...DEFECTS, params })).json()
    const question = await loadQuestion({ store, codec }, first.job_id)
    expect(question.params).toEqual({ ...DATES, loss_reasons: ['裂'] })
    const again = await post('events-async', { ...DEFECTS, params: { ...params, note: 'y', more: {} } })
    expect((await again.json()).job_id).toBe(first.job_id)
  })

  it('are at most 64 kB where they are known', async () => {
    const { post } = createTestTrace()
    const loss_reasons = ['x'.repeat(40_000), 'y'.repeat(40_000)]
    for (const [stage, body] of asked) {
      for (const params of [
        { ...DATES, loss_reasons },
        { ...DATES, loss_reasons: loss_reasons[0], station: loss_reasons[1] },
      ]) {
        expect(await refusal(await post(stage, { ...body, params }))).toEqual({
          status: 400,
          code: 'INVALID_PARAMS',
          message: 'params must not be longer than 64 kB',
        })
      }
    }
  })
})

describe('counts', () => {
  it('of ids are refused before the rest of the body is read', async () => {
    const { post } = createTestTrace()
    for (const [stage, fields] of [
      ['lineage', { profile: 'query_tool' }],
      ['events', { profile: 'query_tool', domains: ['history'] }],
      ['events-async', { profile: 'query_tool', domains: ['history'] }],
    ] as const) {
      const response = await post(stage, bodyOf(fields, `"container_ids":[${names(501_500)} oops`))
      expect(await refusal(response)).toEqual({
        status: 413,
        code: 'CID_LIMIT_EXCEEDED',
        message: 'container_ids must hold at most 500000 ids; narrow the question',
      })
    }
    const repeats = bodyOf(EVENTS, `"seed_container_ids":[${'"A",'.repeat(1_000_001)} oops`)
    expect((await post('events', repeats)).status).toBe(413)
  })

  it('of domains are refused, with the first few of those that are unknown', async () => {
    const { post } = createTestTrace()
    const ask = async (count: number) =>
      refusal(await post('events', bodyOf({ ...EVENTS, domains: [] }, `"domains":[${names(count)}]`)))
    expect(await ask(3)).toMatchObject({ message: 'unsupported domains: k0,k1,k2' })
    expect((await ask(100)).message.length).toBeLessThan(300)
    expect(await ask(101)).toMatchObject({ message: 'domains must contain at most 100 names' })
  })

  it('of a lineage are refused', async () => {
    const { post } = createTestTrace()
    const long = `"k":[${names(150_000)}]`
    const many = Array.from({ length: 101 }, (_, i) => `"k${i}":[${'"a",'.repeat(50_000)}"b"]`).join(',')
    for (const [ancestors, message] of [
      [`${names(500_001, ':[]')} oops`, 'lineage.ancestors must have at most 500000 keys'],
      [`${long} oops`, 'lineage.ancestors must not have more than 1 MB at one key'],
      [many, 'lineage.ancestors must hold at most 5000000 ids'],
    ]) {
      const response = await post('events', bodyOf(DEFECTS, `"lineage":{"ancestors":{${ancestors}}}`))
      expect(await refusal(response)).toEqual({ status: 400, code: 'INVALID_PARAMS', message })
    }
  })

  it('of seeds make a job of a question, as those of its ids do', async () => {
    const { post } = createTestTrace({ settings: { asyncCidThreshold: 3 } })
    const seed_container_ids = ['A', 'B', 'C', 'D']
    expect((await post('events', { ...DEFECTS, seed_container_ids })).status).toBe(202)
    const ancestors = Object.fromEntries(seed_container_ids.map((id) => [id, []]))
    expect((await post('events', { ...DEFECTS, lineage: { ancestors } })).status).toBe(202)
    expect((await post('events', { ...EVENTS, seed_container_ids })).status).toBe(200)
  })
})
