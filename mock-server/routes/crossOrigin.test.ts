import { afterEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/startTestServer.js'

const EVENTS = { profile: 'query_tool', container_ids: ['a'], domains: ['history'] }
const PAGE = 'https://mes.example'
let server: TestServer | null = null

afterEach(async () => {
  await server?.close()
  server = null
})

/** What a browser looks at, of the answer to a page of `origin`. */
function corsOf({ headers }: Response) {
  const names = ['allow-origin', 'allow-credentials', 'allow-methods', 'allow-headers', 'max-age']
  const entries = names.flatMap((name) => {
    const value = headers.get(`access-control-${name}`)
    return value === null ? [] : [[name, value]]
  })
  return Object.fromEntries(entries) as Record<string, string>
}

function ask(path: string, origin: string | null, init: RequestInit = {}) {
  return server!.get(path, { ...init, headers: { ...init.headers, ...(origin ? { Origin: origin } : {}) } })
}

const askFirst = (origin: string, headers = 'content-type,x-csrf-token') =>
  ask('/api/trace/events', origin, {
    method: 'OPTIONS',
    headers: { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': headers },
  })

describe('pages of other origins', () => {
  it('are allowed nothing by default', async () => {
    server = await startTestServer()
    const first = await askFirst(PAGE)
    expect(first.status).toBe(405)
    expect(corsOf(first)).toEqual({})
    expect(corsOf(await ask('/api/trace/job/x', PAGE))).toEqual({})
  })

  it('may ask with headers and cookies of their own where they are named', async () => {
    server = await startTestServer({ TRACE_ALLOWED_ORIGINS: `http://other.example, ${PAGE}` })
    const first = await askFirst(PAGE)
    expect(first.status).toBe(204)
    expect(corsOf(first)).toEqual({
      'allow-origin': PAGE,
      'allow-credentials': 'true',
      'allow-methods': 'GET, HEAD, POST, DELETE',
      'allow-headers': 'content-type,x-csrf-token',
      'max-age': '7200',
    })
    const answer = await server.post('events-async', EVENTS, { Origin: PAGE })
    expect(answer.status).toBe(202)
    expect(corsOf(answer)).toEqual({ 'allow-origin': PAGE, 'allow-credentials': 'true' })
    const exposed = answer.headers.get('access-control-expose-headers')?.split(', ')
    expect(exposed).toEqual(expect.arrayContaining(['Location', 'Retry-After', 'Link', 'X-Total-Count']))
  })

  it.each(['https://evil.example', 'https://mes.example.evil.example', 'http://mes.example', 'null'])(
    'such as %s are not told what others are',
    async (origin) => {
      server = await startTestServer({ TRACE_ALLOWED_ORIGINS: PAGE })
      expect(corsOf(await askFirst(origin))).toEqual({})
      const answer = await ask('/api/trace/job/x', origin)
      expect(corsOf(answer)).toEqual({})
      expect(answer.headers.get('vary')).toContain('Origin')
    },
  )

  it('are told apart by caches, beside what else an answer depends on', async () => {
    server = await startTestServer({ TRACE_ALLOWED_ORIGINS: PAGE })
    const answer = await server.post(
      'lineage',
      { profile: 'query_tool', container_ids: ['a'] },
      { Origin: PAGE },
    )
    expect(answer.headers.get('vary')).toBe('Origin, Accept-Encoding')
  })

  it('may all ask, without cookies, where the server is for everyone', async () => {
    server = await startTestServer({ TRACE_ALLOWED_ORIGINS: '*' })
    expect(corsOf(await ask('/api/trace/job/x', 'null'))).toEqual({ 'allow-origin': '*' })
    expect(corsOf(await askFirst(PAGE))).not.toHaveProperty('allow-credentials')
  })

  it('may read why they are refused, rate limits included', async () => {
    const limits = { TRACE_JOB_RATE_LIMIT_MAX_REQUESTS: '1' }
    server = await startTestServer({ TRACE_ALLOWED_ORIGINS: PAGE, ...limits })
    expect((await ask('/api/trace/job/x', PAGE)).status).toBe(404)
    const refused = await ask('/api/trace/job/x', PAGE)
    expect(refused.status).toBe(429)
    expect(corsOf(refused)).toMatchObject({ 'allow-origin': PAGE })
    // Asking first costs nothing of the limit, and is not refused for it.
    expect((await askFirst(PAGE)).status).toBe(204)
  })

  it('change nothing without being asked first: a plain form is no question', async () => {
    server = await startTestServer()
    const answer = await server.post('events-async', EVENTS, {
      Origin: 'https://evil.example',
      'Content-Type': 'text/plain',
    })
    expect([400, 415]).toContain(answer.status)
  })
})
