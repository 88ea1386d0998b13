import { describe, expect, it } from 'vitest'
import { mergeLineage } from '../../../src/protocol/index.js'
import { createSyntheticSource } from '../../adapters/synthetic/createSyntheticSource.js'
import { createTestTrace, type TestTraceOptions } from '../../testing/createTestTrace.js'
import { scriptedSource } from '../../testing/scriptedSource.js'

const MINIMAL = { Prefer: 'return=minimal' }
const BACKWARD = { profile: 'query_tool_reverse', container_ids: ['A', 'B', ' B ', 'A'] }
const FORWARD = { profile: 'query_tool', container_ids: ['A', 'B'] }

function setUp(options: TestTraceOptions = {}) {
  return createTestTrace({ ...options, settings: { idBatchSize: 1, ...options.settings } })
}

describe('a lineage answer', () => {
  it('backward has the ancestors of every seed, and what is known of them, once', async () => {
    const { post } = setUp()
    const answer = await (await post('lineage', BACKWARD)).json()
    const node = (id: string) => ({
      container_id: id,
      container_name: `N-${id}`,
      mfgorder_name: null,
      wafer_lot: null,
      node_type: 'LOT',
    })
    expect(answer).toEqual({
      stage: 'lineage',
      lineage_id: expect.stringMatching(/^trace-lin-[0-9a-f]{32}$/),
      cid_count: 5,
      total_nodes: 5,
      total_ancestor_count: 3,
      merges: {},
      roots: ['A', 'B'],
      ancestors: { A: ['A-up', 'top'], B: ['B-up', 'top'] },
      parent_map: { A: ['A-up'], 'A-up': ['top'], B: ['B-up'], 'B-up': ['top'] },
      seed_roots: { A: 'N-top', B: 'N-top' },
      names: { A: 'N-A', B: 'N-B', top: 'N-top' },
      nodes: { A: node('A'), B: node('B'), top: node('top') },
      edges: [
        { from_cid: 'A-up', to_cid: 'A', edge_type: 'split_from' },
        { from_cid: 'top', to_cid: 'A-up', edge_type: 'split_from' },
        { from_cid: 'B-up', to_cid: 'B', edge_type: 'split_from' },
        { from_cid: 'top', to_cid: 'B-up', edge_type: 'split_from' },
      ],
    })
  })

  it('forward has the whole tree, joined from all batches', async () => {
    const { post } = setUp()
    const answer = await (await post('lineage', FORWARD)).json()
    expect(answer).toMatchObject({
      stage: 'lineage',
      roots: ['top'],
      children_map: { top: ['A', 'B'], A: ['A-1', 'A-2'], B: ['B-1', 'B-2'] },
      leaf_serials: { 'A-1': ['SN-A'], 'B-1': ['SN-B'] },
      total_nodes: 7,
      cid_count: 6,
    })
    expect(answer).not.toHaveProperty('ancestors')
    expect(answer).not.toHaveProperty('total_ancestor_count')
  })

  it.each([
    ['query_tool', {}, 'children_map'],
    ['query_tool', { direction: 'backward' }, 'children_map'],
    ['query_tool_reverse', { direction: 'forward' }, 'ancestors'],
    ['mid_section_defect', {}, 'ancestors'],
    ['mid_section_defect', { direction: 'forward' }, 'children_map'],
  ])('of %s with %j has %s', async (profile, params, key) => {
    const { post } = setUp()
    const answer = await (await post('lineage', { profile, container_ids: ['A'], params })).json()
    expect(answer).toHaveProperty(key)
    expect('ancestors' in answer && 'children_map' in answer).toBe(false)
  })

  it('is only the counts and the id when that will do', async () => {
    const { post } = setUp()
    const response = await post('lineage', BACKWARD, MINIMAL)
    expect(response.headers.get('Preference-Applied')).toBe('return=minimal')
    expect(await response.json()).toEqual({
      stage: 'lineage',
      lineage_id: expect.any(String),
      cid_count: 5,
      total_nodes: 5,
      total_ancestor_count: 3,
    })
    expect(await (await post('lineage', FORWARD, MINIMAL)).json()).not.toHaveProperty('total_ancestor_count')
  })

  it('counts the CIDs that a client merges from the full answer', async () => {
    const { post } = setUp({ source: createSyntheticSource(), settings: { idBatchSize: 50 } })
    const params = { start_date: '2026-02-01', end_date: '2026-02-01' }
    const seeds = await (await post('seed-resolve', { profile: 'mid_section_defect', params })).json()
    const container_ids = seeds.seeds.map((seed: { container_id: string }) => seed.container_id)
    for (const direction of ['backward', 'forward']) {
      const body = { profile: 'mid_section_defect', container_ids, params: { direction } }
      const answer = await (await post('lineage', body)).json()
      const merged = mergeLineage(container_ids, {
        ancestors: answer.ancestors && Object.values<string[]>(answer.ancestors),
        childrenMap: answer.children_map && new Map(Object.entries<string[]>(answer.children_map)),
      })
      expect(answer.cid_count).toBe(merged.length)
      expect((await (await post('lineage', body, MINIMAL)).json()).cid_count).toBe(answer.cid_count)
    }
  })

  it('takes ids for data, whatever they are called', async () => {
    const { post } = setUp()
    const body = { profile: 'query_tool_reverse', container_ids: ['__proto__', 'constructor'] }
    const text = await (await post('lineage', body)).text()
    expect(text).toContain(
      '"ancestors":{"__proto__":["__proto__-up","top"],"constructor":["constructor-up","top"]}',
    )
    expect(({} as Record<string, unknown>).top).toBeUndefined()
  })
})

describe('the lineage cache', () => {
  function counting(options: TestTraceOptions = {}) {
    let asked = 0
    const source = scriptedSource({ beforeLineage: () => (asked += 1) })
    return { ...setUp({ source, ...options }), asked: () => asked }
  }

  it('gives the same lineage again, for a while', async () => {
    const { post, asked, clock } = counting()
    const first = await (await post('lineage', BACKWARD)).text()
    expect(await (await post('lineage', BACKWARD)).text()).toBe(first)
    expect(asked()).toBe(2)
    await clock.advance(301_000)
    expect(await (await post('lineage', BACKWARD)).text()).not.toBe(first)
    expect(asked()).toBe(4)
  })

  it('tells directions, profiles and callers apart', async () => {
    const { post, asked } = counting({ identify: (request) => request.headers.get('X-User') ?? 'anyone' })
    const body = { profile: 'mid_section_defect', container_ids: ['A'] }
    const backward = await (await post('lineage', body)).json()
    const forward = await (await post('lineage', { ...body, params: { direction: 'forward' } })).json()
    expect(backward).toHaveProperty('ancestors')
    expect(forward).toHaveProperty('children_map')
    await post('lineage', { ...body, profile: 'query_tool_reverse' })
    await post('lineage', body, { 'X-User': 'bob' })
    expect(asked()).toBe(4)
  })

  it('is passed by with Cache-Control: no-cache', async () => {
    const { post, asked } = counting()
    await post('lineage', FORWARD)
    await post('lineage', FORWARD, { 'Cache-Control': 'no-cache' })
    expect(asked()).toBe(4)
  })

  it('does not name a lineage that is gone', async () => {
    const { post, asked, clock } = counting({ settings: { cacheTtlSeconds: 1000, jobTtlSeconds: 10 } })
    const { lineage_id } = await (await post('lineage', FORWARD)).json()
    await clock.advance(11_000)
    expect((await (await post('lineage', FORWARD)).json()).lineage_id).not.toBe(lineage_id)
    expect(asked()).toBe(4)
  })
})

describe('a lineage that fails', () => {
  function failing(cause: unknown) {
    return setUp({
      source: scriptedSource({
        beforeLineage: () => {
          throw cause
        },
      }),
    })
  }

  it.each([
    'ORA-01013: user requested cancel',
    'DPI-1067: call timeout',
    'query timed out',
    'Timeout',
    'cancelled',
  ])('with "%s" timed out', async (message) => {
    const response = await failing(new Error(message)).post('lineage', FORWARD)
    expect(response.status).toBe(504)
    expect(await response.json()).toMatchObject({
      error: { code: 'LINEAGE_TIMEOUT', message: 'lineage query timed out' },
    })
  })

  it('with anything else failed, and does not say why', async () => {
    const trace = failing(new Error('ORA-12541: no listener at db.internal'))
    const response = await trace.post('lineage', FORWARD)
    expect(response.status).toBe(500)
    expect((await response.json()).error).toEqual({ code: 'LINEAGE_FAILED', message: 'lineage stage failed' })
    expect(trace.warnings.join()).toContain('ORA-12541')
  })

  it('for want of memory can be asked later', async () => {
    const response = await setUp({ limitBytes: 100 }).post('lineage', BACKWARD)
    expect(response.status).toBe(503)
    expect((await response.json()).error.code).toBe('MEMORY_GUARD')
  })
})
