import { afterEach, describe, expect, it } from 'vitest'
import { TraceError } from '../../src/errors.js'
import { startTestServer, type TestServer } from '../testing/startTestServer.js'

const JOB = '/api/trace/job/trace-evt-0'
let server: TestServer | null = null

afterEach(async () => {
  await server?.close()
  server = null
})

/** Statuses of requests that come one after the other. */
async function statuses(requests: Record<string, string>[]) {
  const found: number[] = []
  for (const headers of requests) found.push((await server!.get(JOB, { headers })).status)
  return found
}

describe('rate limits behind a proxy', () => {
  const behindProxy = {
    TRUST_PROXY_HEADERS: 'true',
    TRUSTED_PROXY_IPS: 'loopback',
    TRACE_JOB_RATE_LIMIT_MAX_REQUESTS: '2',
  }
  const from = (...addresses: string[]) => addresses.map((address) => ({ 'X-Forwarded-For': address }))

  it.each([
    ['ports', ['203.0.113.9:1', '203.0.113.9:2', '203.0.113.9']],
    ['ports of IPv6', ['[2001:db8::1]:1', '[2001:db8::1]:2', '2001:db8::1']],
    ['quotes', ['"[2001:db8::1]:1"', '2001:db8::1', '[2001:db8::1]']],
    ['addresses of one network of IPv6', ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::3']],
    ['two ways to write IPv4', ['::ffff:203.0.113.9', '203.0.113.9', '203.0.113.9:5']],
    ['words that are no address', ['unknown', '_hidden', 'unknown:1']],
    [
      'addresses before the last that is not trusted',
      ['1.1.1.1, 203.0.113.9:1', '2.2.2.2, 203.0.113.9:2', '203.0.113.9'],
    ],
    [
      'proxies that write ports themselves',
      ['203.0.113.9, 127.0.0.1:1', '203.0.113.9, 127.0.0.1:2', '203.0.113.9'],
    ],
  ])('count a client once, whatever its %s', async (_, addresses) => {
    server = await startTestServer(behindProxy)
    expect(await statuses(from(...addresses))).toEqual([404, 404, 429])
    expect(await statuses(from('198.51.100.1'))).toEqual([404])
  })

  it('count the proxy where it is not trusted', async () => {
    server = await startTestServer({ TRACE_JOB_RATE_LIMIT_MAX_REQUESTS: '2' })
    expect(await statuses(from('203.0.113.1', '203.0.113.2', '203.0.113.3'))).toEqual([404, 404, 429])
  })
})

describe('rate limits where people are known', () => {
  const asked: string[] = []
  const identify = (request: Request) => {
    const user = request.headers.get('X-User')
    asked.push(user ?? '')
    if (user === 'broken') throw new Error('no such session')
    if (user === null) throw new TraceError('UNAUTHORIZED', 'log in first')
    return user
  }
  const as = (...users: string[]) => users.map((user) => ({ 'X-User': user }))
  const nobody = (count: number): Record<string, string>[] => Array.from({ length: count }, () => ({}))

  it('count each for themselves, though an office shares one address', async () => {
    server = await startTestServer({ TRACE_JOB_RATE_LIMIT_MAX_REQUESTS: '2' }, { identify })
    expect(await statuses(as('ann', 'ann', 'ann'))).toEqual([404, 404, 429])
    expect(await statuses(as('bob', 'bob', 'bob', 'ann'))).toEqual([404, 404, 429, 429])
  })

  it('do not let an address guess at names for ever, nor make work of it', async () => {
    server = await startTestServer({ TRACE_STRANGER_RATE_LIMIT_MAX_REQUESTS: '3' }, { identify })
    expect(await statuses(nobody(3))).toEqual([401, 401, 401])
    asked.length = 0
    const refused = await server.get(JOB)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(asked).toEqual([])
  })

  it('count names that are found to be broken too', async () => {
    server = await startTestServer({ TRACE_STRANGER_RATE_LIMIT_MAX_REQUESTS: '2' }, { identify })
    expect(await statuses(as('broken', 'broken', 'broken'))).toEqual([500, 500, 429])
  })

  it('take nothing from strangers for those who are known', async () => {
    server = await startTestServer({ TRACE_STRANGER_RATE_LIMIT_MAX_REQUESTS: '3' }, { identify })
    expect(await statuses(as(...Array<string>(10).fill('ann')))).toEqual(Array(10).fill(404))
    expect(await statuses([...nobody(2), ...as('ann')])).toEqual([401, 401, 404])
  })

  it('ask no probe for its name', async () => {
    server = await startTestServer({ TRACE_STRANGER_RATE_LIMIT_MAX_REQUESTS: '1' }, { identify })
    for (let n = 0; n < 3; n++) expect((await server.get('/healthz')).status).toBe(200)
  })
})
