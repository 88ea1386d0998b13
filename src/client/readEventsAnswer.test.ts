import { expect, it } from 'vitest'
import { eventsAnswer } from '../protocol/index.js'
import { finish } from '../records/rowWork.js'
import { readEventsAnswer } from './readEventsAnswer.js'

function read(body: object, asked = ['history']) {
  return finish(readEventsAnswer(eventsAnswer({ stage: 'events', aggregation: null, ...body }), asked))
}

it('hands a large domain over in batches', () => {
  const data = Array.from({ length: 12_001 }, (_, i) => ({ N: i }))
  const { deltas } = read({ results: { history: { data, count: data.length } } })
  const batches = deltas.flatMap((delta) => (delta.type === 'rows' ? [delta.batch.length] : []))
  expect(batches).toEqual([5_000, 5_000, 2_001])
})

it.each([
  ['COUNT_MISMATCH', 'counts other rows', { results: { history: { data: [{}], count: 2 } } }],
  ['COUNT_MISMATCH', 'is one page of more', { results: { history: { data: [{}], count: 1, total: 2 } } }],
  ['DOMAIN_MISSING', 'lacks a domain', { results: {} }],
  ['UNEXPECTED_RESPONSE', 'has rows that are none', { results: { history: { data: [1], count: 1 } } }],
])('says %s when an answer %s', (code, _, body) => {
  expect(() => read(body)).toThrow(expect.objectContaining({ code }))
})

it('takes a domain declared failed for failed, not for missing', () => {
  const { domains } = read({ results: {}, failed_domains: ['history'], error: 'one or more domains failed' })
  expect(domains.get('history')?.state).toBe('failed')
})
