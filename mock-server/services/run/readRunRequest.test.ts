import { describe, expect, it } from 'vitest'
import { runAtOnce } from '../../../src/async/slices.js'
import { zlibCodec } from '../../adapters/zlib/zlibCodec.js'
import { FACTORY } from '../../testing/factoryDescription.js'
import { readRunRequest } from './readRunRequest.js'

const context = { codec: zlibCodec, batchSize: 100, description: FACTORY }
const read = (body: unknown) =>
  runAtOnce(readRunRequest(new TextEncoder().encode(JSON.stringify(body)), context))
const refused = (message: string) => expect.objectContaining({ code: 'INVALID_PARAMS', message })

const LOTS = { profile: 'query_tool', params: { resolve_type: 'lot_id', values: ['L1', ' L2 ', 'L1'] } }
const DAYS = { profile: 'mid_section_defect', params: { start_date: '2026-01-01', end_date: '2026-01-02' } }

describe('a request for a whole question', () => {
  it('is one that seed-resolve takes, with the usual domains', () => {
    expect(read(LOTS)).toEqual({
      profile: 'query_tool',
      params: {},
      hasFigures: false,
      hasLineage: true,
      direction: 'forward',
      query: { profile: 'query_tool', by: 'values', resolveType: 'lot_id', values: ['L1', 'L2'] },
      domains: ['history', 'materials', 'rejects', 'holds', 'jobs'],
    })
  })

  it('of defects has every parameter filled in', () => {
    expect(read(DAYS)).toEqual({
      profile: 'mid_section_defect',
      params: {
        mode: 'date_range',
        start_date: '2026-01-01',
        end_date: '2026-01-02',
        station: '測試',
        direction: 'backward',
      },
      hasFigures: true,
      hasLineage: true,
      direction: 'backward',
      query: {
        profile: 'mid_section_defect',
        by: 'date_range',
        start: '2026-01-01',
        end: '2026-01-02',
        station: '測試',
      },
      domains: ['upstream_history', 'materials'],
    })
  })

  it('is the same however it was written', () => {
    const { params } = DAYS
    const same = { date_range: [params.start_date, params.end_date], station: ' ', mode: '', unknown: 1 }
    expect(read({ ...DAYS, params: same, domains: null })).toEqual(read(DAYS))
  })

  it('goes forward with the domains of that direction', () => {
    const question = read({ ...DAYS, params: { ...DAYS.params, direction: 'forward', loss_reasons: 'a, b' } })
    expect(question).toMatchObject({
      direction: 'forward',
      domains: ['upstream_history', 'downstream_rejects'],
      params: { loss_reasons: ['a', 'b'] },
    })
  })

  it('names its domains, but not those that come by themselves', () => {
    expect(read({ ...LOTS, domains: ['holds', 'history'] }).domains).toEqual(['holds', 'history'])
    expect(() => read({ ...LOTS, domains: ['history', ' seeds', 'detections'] })).toThrow(
      refused('domains must not name seeds and detections: what there is of them comes with every run'),
    )
    expect(() => read({ ...LOTS, domains: ['seeds'] })).toThrow(
      refused('domains must not name seeds: what there is of them comes with every run'),
    )
    expect(() => read({ ...LOTS, domains: [] })).toThrow(refused('domains must contain at least one domain'))
    expect(() => read({ ...LOTS, domains: 'history' })).toThrow(
      refused('domains must contain at least one domain'),
    )
    expect(() => read({ ...LOTS, domains: ['x'] })).toThrow(refused('unsupported domains: x'))
  })

  it.each([
    [{ ...LOTS, params: undefined }, 'params must be an object'],
    [{ ...LOTS, params: { resolve_type: 'lot_id' } }, 'values must contain at least one query value'],
    [{ ...LOTS, params: { values: ['a'] } }, 'resolve_type must be one of: lot_id,wafer_lot,work_order'],
    [{ ...DAYS, params: {} }, 'start_date/end_date (or date_range) is required'],
    [
      { ...DAYS, params: { ...DAYS.params, station: '測試,切割' } },
      'station must name one station: ask for each of several by itself',
    ],
  ])('%j is refused', (body, message) => {
    expect(() => read(body)).toThrow(refused(message))
  })

  it('of an unknown profile is refused', () => {
    expect(() => read({ ...LOTS, profile: 'x' })).toThrow(
      expect.objectContaining({ code: 'INVALID_PROFILE' }),
    )
  })

  it.each([
    ['query_tool', LOTS.params, 'downtime'],
    ['equipment_downtime', {}, 'history'],
  ])('of %s is refused for rows that are not of its sort', (profile, params, domain) => {
    expect(() => read({ profile, params, domains: [domain] })).toThrow(
      refused(`unsupported domains: ${domain}`),
    )
  })
})
