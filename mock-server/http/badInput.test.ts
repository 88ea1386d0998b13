import { describe, expect, it } from 'vitest'
import { createTestTrace } from '../testing/createTestTrace.js'

const JSON_ERROR = 'request body must be JSON object'
const dates = { start_date: '2026-01-01', end_date: '2026-01-02' }
const events = { profile: 'query_tool', container_ids: ['A'], domains: ['history'] }
const lots = { resolve_type: 'lot_id', values: ['x'] }

describe('bad input', () => {
  it.each([
    ['not JSON', '{oops'],
    ['an array', '[]'],
    ['text', '"seed"'],
    ['null', 'null'],
    ['nothing', ''],
    ['a megabyte of garbage', 'x'.repeat(2 ** 20)],
    ['a megabyte of brackets', '['.repeat(2 ** 20)],
  ])('body %s', async (_, body) => {
    const { post } = createTestTrace()
    for (const stage of ['seed-resolve', 'lineage', 'events', 'events-async']) {
      const response = await post(stage, body)
      expect(response.status).toBe(400)
      expect(await response.json()).toEqual({
        success: false,
        error: { code: 'INVALID_PARAMS', message: JSON_ERROR },
        meta: { timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/) },
      })
    }
  })

  it.each([
    ['text/plain', 400],
    ['', 400],
    ['application/x-www-form-urlencoded', 400],
    ['application/jsonp', 400],
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['application/problem+json', 200],
    ['APPLICATION/JSON', 200],
  ])('content type %j: %i', async (type, status) => {
    const { post } = createTestTrace()
    expect((await post('events', events, { 'Content-Type': type })).status).toBe(status)
  })

  it.each([
    ['seed-resolve', { profile: 'nope', params: {} }, 'INVALID_PROFILE', 'unsupported profile'],
    ['seed-resolve', { params: {} }, 'INVALID_PROFILE', 'unsupported profile'],
    ['seed-resolve', { profile: ['query_tool'], params: {} }, 'INVALID_PROFILE', 'unsupported profile'],
    ['seed-resolve', { profile: 'query_tool', params: [] }, 'INVALID_PARAMS', 'params must be an object'],
    ['seed-resolve', { profile: 'query_tool' }, 'INVALID_PARAMS', 'params must be an object'],
    [
      'seed-resolve',
      { profile: 'query_tool', params: { resolve_type: 'serial_number', values: ['x'] } },
      'INVALID_PARAMS',
      'resolve_type must be one of: lot_id,wafer_lot,work_order',
    ],
    [
      'seed-resolve',
      { profile: 'query_tool_reverse', params: { resolve_type: 'lot_id', values: ['x'] } },
      'INVALID_PARAMS',
      'resolve_type must be one of: gd_lot_id,gd_work_order,serial_number',
    ],
    [
      'seed-resolve',
      { profile: 'query_tool', params: { ...lots, values: ['  '] } },
      'INVALID_PARAMS',
      'values must contain at least one query value',
    ],
    [
      'seed-resolve',
      { profile: 'query_tool', params: { ...lots, values: 'L1' } },
      'INVALID_PARAMS',
      'values must contain at least one query value',
    ],
    [
      'seed-resolve',
      {
        profile: 'query_tool',
        params: { ...lots, values: Array.from({ length: 10_001 }, (_, i) => `L${i}`) },
      },
      'INVALID_PARAMS',
      'values must contain at most 10000 query values',
    ],
    [
      'seed-resolve',
      { profile: 'query_tool', params: { ...lots, values: ['L\u0000'] } },
      'INVALID_PARAMS',
      'values must not contain control characters',
    ],
    [
      'seed-resolve',
      { profile: 'mid_section_defect', params: {} },
      'INVALID_PARAMS',
      'start_date/end_date (or date_range) is required',
    ],
    [
      'lineage',
      { profile: 'query_tool', container_ids: [1, null, ''] },
      'INVALID_PARAMS',
      'container_ids must contain at least one id',
    ],
    [
      'lineage',
      { profile: 'query_tool', container_ids: ['A'], params: 'forward' },
      'INVALID_PARAMS',
      'params must be an object',
    ],
    [
      'events',
      { ...events, container_ids: 'CID-1' },
      'INVALID_PARAMS',
      'container_ids must contain at least one id',
    ],
    [
      'events',
      { ...events, domains: undefined },
      'INVALID_PARAMS',
      'domains must contain at least one domain',
    ],
    [
      'events',
      { ...events, domains: ['history', 'zzz', 'aaa'] },
      'INVALID_PARAMS',
      'unsupported domains: aaa,zzz',
    ],
    ['events', { ...events, domains: ['__proto__'] }, 'INVALID_PARAMS', 'unsupported domains: __proto__'],
    ['events', { ...events, domains: ['constructor'] }, 'INVALID_PARAMS', 'unsupported domains: constructor'],
    [
      'events',
      { ...events, container_ids: ['A\nB'] },
      'INVALID_PARAMS',
      'container_ids must not contain control characters',
    ],
    [
      'events',
      { ...events, container_ids: ['A'.repeat(257)] },
      'INVALID_PARAMS',
      'container_ids must not be longer than 256 characters each',
    ],
    [
      'events',
      { ...events, seed_container_ids: ['\u007f'] },
      'INVALID_PARAMS',
      'seed_container_ids must not contain control characters',
    ],
    ['events', { ...events, lineage: [] }, 'INVALID_PARAMS', 'lineage must be an object'],
    [
      'events',
      { ...events, lineage: { ancestors: { A: 'B' } } },
      'INVALID_PARAMS',
      'lineage.ancestors must map ids to lists of ids',
    ],
    [
      'events',
      { ...events, lineage: { children_map: [['A']] } },
      'INVALID_PARAMS',
      'lineage.children_map must map ids to lists of ids',
    ],
    [
      'events',
      { ...events, lineage: { seed_roots: { A: 7 } } },
      'INVALID_PARAMS',
      'lineage.seed_roots must map ids to names',
    ],
  ])('%s %j: %s', async (stage, body, code, message) => {
    const { post } = createTestTrace()
    const response = await post(stage, body)
    expect(response.status).toBe(400)
    expect((await response.json()).error).toEqual({ code, message })
  })

  it('is not repeated at length', async () => {
    const { post } = createTestTrace()
    const domains = Array.from({ length: 10_000 }, (_, i) => `nonsense-${i}`)
    const { error } = await (await post('events', { ...events, domains })).json()
    expect(error.message.length).toBeLessThan(300)
  })

  it('with an `after` that is no number', async () => {
    const { post, call, ended } = createTestTrace()
    const { job_id, stream_url } = await (await post('events-async', events)).json()
    await ended(job_id)
    for (const after of ['abc', '-1', '1.5', '1e3', '9'.repeat(40), '%00']) {
      const response = await call(`${stream_url}?after=${after}`)
      expect(response.status).toBe(400)
      expect((await response.json()).error.code).toBe('INVALID_PARAMS')
    }
    for (const after of ['', '0']) expect((await call(`${stream_url}?after=${after}`)).status).toBe(200)
  })

  it('in a row does the server no harm', async () => {
    const { post } = createTestTrace()
    for (const body of ['{', '[]', 'x'.repeat(1_000_000)]) await post('events', body)
    expect((await post('events', events)).status).toBe(200)
    expect((await post('seed-resolve', { profile: 'mid_section_defect', params: dates })).status).toBe(200)
  })
})
