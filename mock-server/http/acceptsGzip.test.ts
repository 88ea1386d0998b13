import { expect, it } from 'vitest'
import { acceptsGzip } from './acceptsGzip.js'

it.each([
  ['gzip', true],
  ['gzip, deflate, br', true],
  ['br;q=1.0, GZIP;q=0.8', true],
  ['*', true],
  ['', false],
  ['identity', false],
  ['gzip;q=0', false],
  ['*;q=1, gzip; q=0', false],
  ['gzip;q=none', false],
])('Accept-Encoding %j: %j', (header, accepted) => {
  expect(acceptsGzip(new Request('http://x/', { headers: { 'Accept-Encoding': header } }))).toBe(accepted)
})

it('takes silence for no', () => {
  expect(acceptsGzip(new Request('http://x/'))).toBe(false)
})
