import { describe, expect, it } from 'vitest'
import { fromErrorBody } from './fromErrorBody.js'
import { streamEvent } from './fromWire.js'
import { retryAfterMs } from './retryAfter.js'

const NOW = Date.parse('2026-11-23T12:00:00Z')

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['86400', 86_400_000],
    ['2147483648', 2_147_483_648_000],
  ])('reads the digits of "%s"', (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms)
  })

  it.each([
    ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
    ['Monday, 23-Nov-26 12:00:30 GMT', 30_000],
    ['Mon Nov 23 12:00:30 2026', 30_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
  ])('reads the date of "%s"', (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms)
  })

  it.each([
    ['5, 5', 5_000],
    ['5,5', 5_000],
    ['1, 30', 30_000],
    ['Mon, 23 Nov 2026 12:00:30 GMT, Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
    ['5, Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
  ])('takes the longest of "%s", which proxies have repeated', (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms)
  })

  it.each([
    null,
    '',
    ' ',
    '-5',
    '+5',
    '1.5',
    '0x10',
    '1e3',
    '5, 0x10',
    'soon',
    'Infinity',
    '2026-11-23',
    '2026-11-23T12:00:30Z',
    'Mon, 99 Foo 2026 12:00:30 GMT',
    '9'.repeat(400),
  ])('says nothing of %j', (header) => {
    expect(retryAfterMs(header, NOW)).toBeUndefined()
  })

  it("judges a date by the server's own clock, however wrong the page's is", () => {
    const sent = 'Mon, 23 Nov 2026 12:00:00 GMT'
    for (const wrongMs of [-7_200_000, 7_200_000]) {
      expect(retryAfterMs('Mon, 23 Nov 2026 12:00:30 GMT', NOW + wrongMs, sent)).toBe(30_000)
    }
    expect(retryAfterMs('Mon, 23 Nov 2026 12:00:30 GMT', NOW, 'no date')).toBe(30_000)
  })
})

describe('a wait that a body or a line asks for', () => {
  const inBody = (seconds: unknown) =>
    fromErrorBody(
      { status: 503, body: { error: {}, meta: { retry_after_seconds: seconds } }, retryAfter: '9' },
      NOW,
    ).retryAfterMs
  const inLine = (seconds: number) =>
    streamEvent({ type: 'error', message: 'x', retry_after_seconds: seconds }, 1, () => null)

  it('is seconds from 0 up', () => {
    expect(inBody(7)).toBe(7_000)
    expect(inLine(7)).toMatchObject({ retryAfterMs: 7_000 })
  })

  it('is not taken when it is none, and the header counts instead', () => {
    for (const seconds of [-5, JSON.parse('1e400'), '5', null]) expect(inBody(seconds)).toBe(9_000)
    expect(inLine(-5)).toMatchObject({ retryAfterMs: null })
    expect(inLine(Infinity)).toMatchObject({ retryAfterMs: null })
  })
})

describe('fromErrorBody: whether asking again helps', () => {
  const retryable = (status: number, code: string) =>
    fromErrorBody({ status, body: { error: { code } }, retryAfter: null }, NOW).retryable

  it('does not think so of a question that was refused, whatever its code says elsewhere', () => {
    expect(retryable(400, 'EVENTS_AGGREGATION_FAILED')).toBe(false)
    expect(retryable(503, 'EVENTS_AGGREGATION_FAILED')).toBe(true)
    expect(retryable(422, 'LINEAGE_TIMEOUT')).toBe(false)
  })

  it('thinks so of 4xx that pass', () => {
    for (const status of [408, 425, 429]) expect(retryable(status, 'NO_SUCH_CODE')).toBe(true)
    expect(retryable(409, 'JOB_NOT_COMPLETE')).toBe(true)
    expect(retryable(409, 'JOB_SHARED')).toBe(false)
  })
})
