import { describe, expect, it } from 'vitest'
import { factoryProfile } from '../../testing/factoryDescription.js'
import { parseDefectParams } from './parseDefectParams.js'

const DEFECTS = factoryProfile('mid_section_defect')

const february = { start_date: '2026-02-01', end_date: '2026-02-07' }

function messageOf(params: unknown): string {
  try {
    parseDefectParams(DEFECTS, params as Record<string, unknown>)
  } catch (error) {
    expect(error).toMatchObject({ name: 'TraceError', code: 'INVALID_PARAMS' })
    return (error as Error).message
  }
  return 'accepted'
}

describe('parseDefectParams', () => {
  it('fills in what was left out', () => {
    expect(parseDefectParams(DEFECTS, february)).toEqual({
      mode: 'date_range',
      start: '2026-02-01',
      end: '2026-02-07',
      station: '測試',
      direction: 'backward',
      lossReasons: null,
    })
  })

  it('takes the dates as a pair too', () => {
    expect(parseDefectParams(DEFECTS, { date_range: [' 2026-02-01', '2026-02-07 '] })).toEqual(
      parseDefectParams(DEFECTS, february),
    )
  })

  it('needs no dates in container mode, and ignores any', () => {
    expect(parseDefectParams(DEFECTS, { ...february, mode: 'container' })).toMatchObject({
      mode: 'container',
      start: null,
      end: null,
    })
  })

  it.each([
    ['a, b,,a ', ['a', 'b']],
    [
      ['短路', ' 開路 ', 3, ''],
      ['短路', '開路'],
    ],
    [' , ', null],
    [[], null],
    [7, null],
  ])('reads loss reasons %j as %j', (given, read) => {
    expect(parseDefectParams(DEFECTS, { ...february, loss_reasons: given }).lossReasons).toEqual(read)
  })

  it('goes forward only when asked in so many words', () => {
    expect(parseDefectParams(DEFECTS, { ...february, direction: 'forward' }).direction).toBe('forward')
    expect(parseDefectParams(DEFECTS, { ...february, direction: 'up' }).direction).toBe('backward')
  })

  it.each([[undefined], [null], [[]], ['2026-02-01']])('refuses %j as parameters', (params) => {
    expect(messageOf(params)).toBe('params is required for mid_section_defect profile')
  })

  it.each([
    [{}],
    [{ start_date: '2026-02-01' }],
    [{ date_range: ['2026-02-01'] }],
    [{ start_date: 20260201, end_date: 20260207 }],
    [{ start_date: ' ', end_date: '2026-02-07' }],
  ])('asks for the dates of %j', (params) => {
    expect(messageOf(params)).toBe('start_date/end_date (or date_range) is required')
  })

  it.each(['2026-02-30', '2026-13-01', '2026-2-1', '2026-02-01T00:00', '0000-00-00', '２０２６-02-01'])(
    'refuses %s, which is no day of the calendar',
    (day) => {
      expect(messageOf({ start_date: day, end_date: '2026-03-07' })).toBe(
        'start_date must be a date like 2026-01-31',
      )
      expect(messageOf({ start_date: '2026-01-01', end_date: day })).toBe(
        'end_date must be a date like 2026-01-31',
      )
    },
  )

  it('allows 180 days between the dates and no more', () => {
    expect(messageOf({ start_date: '2026-01-01', end_date: '2026-06-30' })).toBe('accepted')
    expect(messageOf({ start_date: '2026-01-01', end_date: '2026-07-01' })).toBe(
      'date range must not exceed 180 days',
    )
  })

  it('refuses an end before the start, an unknown mode and a station that is no text', () => {
    expect(messageOf({ start_date: '2026-02-02', end_date: '2026-02-01' })).toBe(
      'start_date must not be after end_date',
    )
    expect(messageOf({ ...february, mode: 'weekly' })).toBe('mode must be date_range or container')
    expect(messageOf({ ...february, station: 5 })).toBe('station must be a string')
    expect(parseDefectParams(DEFECTS, { ...february, station: '  ' }).station).toBe('測試')
  })
})
