import { expect, it } from 'vitest'
import { createTraceApi } from '../../http/createTraceApi.js'
import { createTraceServices } from '../../services/createTraceServices.js'
import { createTestTrace } from '../../testing/createTestTrace.js'
import { parseLines } from '../../testing/readLines.js'
import { createRedisLegacyResults } from './createRedisLegacyResults.js'
import { describeWithRedis, useTestRedis } from '../../testing/testRedis.js'

const ID = 'trace-evt-ab3ba53bc0e0'
const row = (n: number) => ({ CONTAINERID: `CID-${n}`, WORKCENTERNAME: '切割' })
/** The day of a file's name, where this runs. */
function localDay(ms: number): string {
  const at = new Date(ms)
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((n) => String(n).padStart(2, '0')).join('-')
}

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => row(from + n))

describeWithRedis('Results of the original service', () => {
  const fixture = useTestRedis()

  /** A finished job as the original leaves it, and our API over the same Redis. */
  async function setUp(status = 'finished') {
    const { redis, admin } = fixture
    const prefix = fixture.freshPrefix()
    const key = (rest: string) => `${prefix}:trace:job:${ID}:${rest}`
    await admin.hset(key('meta'), {
      profile: 'query_tool',
      cid_count: '20',
      domains: 'history,materials,holds',
      status,
      progress: status === 'finished' ? 'complete' : 'fetching events',
      created_at: '1795434978.2153337',
      completed_at: status === 'finished' ? '1795434988.7315342' : '',
      error: '',
    })
    await admin.expire(key('meta'), 3600)

    async function storeChunks() {
      const domains = { history: { chunks: 3, total: 8 }, holds: { chunks: 0, total: 0 } }
      const meta = { profile: 'query_tool', domains, failed_domains: ['materials'] }
      await admin.set(key('result:history:0'), JSON.stringify(rows(0, 3)))
      await admin.set(key('result:history:1'), JSON.stringify(rows(3, 6)))
      await admin.set(key('result:history:2'), JSON.stringify(rows(6, 8)))
      await admin.set(key('result:aggregation'), '{"kpi": {"lot_count": 3}}')
      await admin.set(key('result:meta'), JSON.stringify(meta))
    }

    const trace = createTestTrace()
    const legacy = createRedisLegacyResults({ redis, prefix })
    const api = createTraceApi(createTraceServices({ ...trace, legacy }))
    const get = (path: string) => api(new Request(`http://localhost/api/trace/job/${ID}${path}`))
    const json = async (path: string) => (await get(path)).json() as Promise<Record<string, never>>
    const lines = async () => parseLines(await (await get('/stream')).text())
    return { admin, key, storeChunks, api, get, json, lines, trace, legacy }
  }

  it('has the status the original gave it, in our words', async () => {
    const { json } = await setUp()
    expect(await json('')).toMatchObject({
      job_id: ID,
      status: 'completed',
      profile: 'query_tool',
      cid_count: 20,
      domains: ['history', 'materials', 'holds'],
      progress: 'complete',
      elapsed_seconds: 10.5,
      error: null,
    })
  })

  it('streams chunks in order, as a finished job that cannot be resumed', async () => {
    const { storeChunks, lines } = await setUp()
    await storeChunks()
    expect(await lines()).toEqual([
      { type: 'meta', job_id: ID, profile: 'query_tool', domains: ['history', 'holds'] },
      { type: 'domain_start', domain: 'history', total: 8 },
      { type: 'records', domain: 'history', batch: 0, count: 3, data: rows(0, 3) },
      { type: 'records', domain: 'history', batch: 1, count: 3, data: rows(3, 6) },
      { type: 'records', domain: 'history', batch: 2, count: 2, data: rows(6, 8) },
      { type: 'domain_end', domain: 'history', count: 8 },
      { type: 'domain_start', domain: 'holds', total: 0 },
      { type: 'domain_end', domain: 'holds', count: 0 },
      { type: 'aggregation', data: { kpi: { lot_count: 3 } } },
      { type: 'warning', code: 'EVENTS_PARTIAL_FAILURE', failed_domains: ['materials'] },
      { type: 'complete', total_records: 8 },
    ])
  })

  it('pages chunks as if they were one list', async () => {
    const { storeChunks, json, get } = await setUp()
    await storeChunks()
    for (const [offset, limit, expected] of [
      [0, 0, rows(0, 8)],
      [0, 2, rows(0, 2)],
      [2, 3, rows(2, 5)],
      [3, 3, rows(3, 6)],
      [5, 9, rows(5, 8)],
      [8, 2, []],
      [900, 0, []],
    ] as const) {
      const { results } = await json(`/result?domain=history&offset=${offset}&limit=${limit}`)
      expect(results).toEqual({ history: { data: expected, count: expected.length, total: 8 } })
    }
    expect(await json('/result')).toMatchObject({
      stage: 'events',
      results: { history: { count: 8 }, holds: { count: 0, total: 0 } },
      aggregation: { kpi: { lot_count: 3 } },
      failed_domains: ['materials'],
    })
    expect((await json('/result?domain=nobody')).results).toEqual({})
    expect((await get('/result?domain=history&limit=3')).headers.get('Link')).toContain('offset=3')
  })

  it('reads only the chunks of a page', async () => {
    const { storeChunks, json, admin, key } = await setUp()
    await storeChunks()
    await admin.del(key('result:history:1'))
    const { results } = await json('/result?domain=history&offset=6&limit=2')
    expect(results).toEqual({ history: { data: rows(6, 8), count: 2, total: 8 } })
  })

  it('says so when a chunk is missing, and never moves rows up', async () => {
    const { storeChunks, lines, get, admin, key } = await setUp()
    await storeChunks()
    await admin.del(key('result:history:1'))
    expect((await lines()).at(-1)).toMatchObject({ type: 'error', code: 'CHUNK_MISSING', retryable: false })
    const response = await get('/result?domain=history&offset=2&limit=3')
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ error: { code: 'CHUNK_MISSING' } })
  })

  it('says so when the rows are not as many as were stored', async () => {
    const { storeChunks, lines, get, admin, key } = await setUp()
    await storeChunks()
    await admin.set(key('result:history:1'), JSON.stringify(rows(3, 5)))
    expect((await lines()).at(-1)).toMatchObject({ type: 'error', code: 'CHUNK_MISSING' })
    expect((await get('/result?domain=history')).status).toBe(500)
    expect((await get('/result?domain=history&offset=3&limit=3')).status).toBe(500)
  })

  it('says that it has expired when that happens while it is read', async () => {
    const { storeChunks, legacy, admin, key } = await setUp()
    await storeChunks()
    const result = await legacy.result(ID)
    if (result?.kind !== 'chunked') throw new Error('no chunks')
    expect(await result.chunk('history', 0)).toMatchObject({ count: 3 })
    await admin.del(key('meta'), key('result:meta'), key('result:history:1'))
    await expect(result.chunk('history', 1)).rejects.toMatchObject({ code: 'JOB_RESULT_EXPIRED' })
  })

  it.each([
    ['meta', { status: 'stopped' }],
    ['meta', { created_at: 'yesterday' }],
    ['meta', { cid_count: 'many' }],
  ])('is a fault for the operator when its %s is damaged: %j', async (rest, fields) => {
    const { get, admin, key, legacy } = await setUp()
    await admin.hset(key(rest), fields)
    await expect(legacy.find(ID)).rejects.toThrow(/original service is stored, but not as/)
    const response = await get('')
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ error: { code: 'INTERNAL_ERROR' } })
  })

  it.each([
    ['result:meta', 'no JSON'],
    ['result:meta', '{"domains":{"history":{"chunks":"3","total":8}}}'],
    ['result:history:1', 'no JSON'],
    ['result:history:1', '{"data":[]}'],
    ['result:history:1', '[1,2,3]'],
    ['result:aggregation', '{'],
  ])('has lost a part when a value is damaged: %s %j', async (rest, value) => {
    const { storeChunks, get, lines, admin, key } = await setUp()
    await storeChunks()
    await admin.set(key(rest), value)
    const missing = { code: 'CHUNK_MISSING' }
    const isKnownBefore = rest === 'result:meta'
    for (const path of isKnownBefore ? ['/result', '/stream'] : ['/result']) {
      const response = await get(path)
      expect(response.status).toBe(500)
      expect(await response.json()).toMatchObject({ error: missing })
    }
    if (isKnownBefore) return
    expect((await lines()).at(-1)).toMatchObject({ ...missing, type: 'error', retryable: false })
  })

  it('is still a line each when the stored JSON has line ends', async () => {
    const { storeChunks, get, lines, admin, key } = await setUp()
    await storeChunks()
    await admin.set(key('result:history:1'), JSON.stringify(rows(3, 6), null, 2))
    expect((await lines())[3]).toMatchObject({ type: 'records', data: rows(3, 6) })
    const whole = { stage: 'events', results: { history: { data: rows(0, 5), count: 5 } }, aggregation: null }
    await admin.del(key('result:meta'))
    await admin.set(key('result'), JSON.stringify(whole, null, 2))
    expect(await lines()).toEqual([{ type: 'full_result', data: whole }])
    await admin.set(key('result'), '{"results":{"history":{}}}')
    expect((await get('/stream')).status).toBe(500)
  })

  it('gives a result of one key as one line, and pages a domain of it', async () => {
    const { lines, json, admin, key } = await setUp()
    const whole = { stage: 'events', results: { history: { data: rows(0, 5), count: 5 } }, aggregation: null }
    await admin.set(key('result'), JSON.stringify(whole))
    expect(await lines()).toEqual([{ type: 'full_result', data: whole }])
    expect(await json('/result?domain=history&offset=1&limit=2')).toEqual({
      stage: 'events',
      results: { history: { data: rows(1, 3), count: 2, total: 5 } },
      aggregation: null,
    })
    expect(await json('/result?offset=1&limit=2')).toEqual(whole)
    expect(await json('/result?domain=nobody')).toEqual(whole)
  })

  it('is exported, chunk by chunk', async () => {
    const { storeChunks, get } = await setUp()
    await storeChunks()
    const csv = await get('/export?domain=history')
    expect(csv.headers.get('Content-Disposition')).toBe(
      `attachment; filename="query_tool-history-${localDay(1795434988_731)}.csv"`,
    )
    expect(csv.headers.get('X-Total-Count')).toBe('8')
    const lines = rows(0, 8).map(({ CONTAINERID, WORKCENTERNAME }) => `${CONTAINERID},${WORKCENTERNAME}\r\n`)
    expect(await csv.text()).toBe(`CONTAINERID,WORKCENTERNAME\r\n${lines.join('')}`)
    const ndjson = await (await get('/export?domain=history&format=ndjson')).text()
    expect(
      ndjson
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows(0, 8))
    expect(await (await get('/export?domain=holds&format=ndjson')).text()).toBe('')
  })

  it('is exported with every digit of the source', async () => {
    const { storeChunks, get, admin, key } = await setUp()
    await storeChunks()
    await admin.set(key('result:history:2'), '[{"ID": 12345678901234567890, "NOTE": "a, {b}"}, {"ID": 2}]')
    const text = await (await get('/export?domain=history&format=ndjson')).text()
    expect(text).toContain('{"ID":12345678901234567890,"NOTE":"a, {b}"}\n{"ID":2}\n')
  })

  it('is exported with every digit from a result of one key too', async () => {
    const { get, admin, key } = await setUp()
    const data = '[{"ID": 12345678901234567890, "NOTE": "a, {b}"}, {"ID": 1.50}]'
    await admin.set(
      key('result'),
      `{"results": {"history": {"count": 2, "data": ${data}}, "holds": {"data": []}}}`,
    )
    const text = await (await get('/export?domain=history&format=ndjson')).text()
    expect(text).toBe('{"ID":12345678901234567890,"NOTE":"a, {b}"}\n{"ID":1.50}\n')
    expect(await (await get('/export?domain=holds&format=ndjson')).text()).toBe('')
  })

  it('has every digit in the rows of a page, as in those of the stream', async () => {
    const { storeChunks, get, admin, key } = await setUp()
    await storeChunks()
    await admin.set(key('result:history:2'), '[{"ID": 12345678901234567890, "NOTE": "a, {b}"}, {"ID": 2}]')
    const chunked = await (await get('/result?domain=history&offset=5&limit=2')).text()
    expect(chunked).toContain(
      `"data":[${JSON.stringify(row(5))},{"ID":12345678901234567890,"NOTE":"a, {b}"}],"count":2,"total":8`,
    )

    await admin.del(key('result:meta'))
    const data = '[{"ID": 1}, {"ID": 12345678901234567890}, {"ID": 98765432109876543210}]'
    const aggregation = '{"sum": 12345678901234567890}'
    await admin.set(
      key('result'),
      `{"stage": "events", "results": {"history": {"data": ${data}, "count": 3}}, "aggregation": ${aggregation}}`,
    )
    const whole = await (await get('/result?domain=history&offset=1&limit=1')).text()
    expect(whole).toBe(
      `{"stage":"events","results":{"history":{"data":[{"ID":12345678901234567890}],"count":1,"total":3}},"aggregation":${aggregation}}`,
    )
  })

  it('has the same digits in the aggregation of a page as in that of the stream', async () => {
    const { storeChunks, get, json, admin, key } = await setUp()
    await storeChunks()
    const stored = '{"kpi": {"sum": 12345678901234567890}}'
    await admin.set(key('result:aggregation'), stored)
    expect(await (await get('/stream')).text()).toContain(`"data":${stored}`)
    expect(await (await get('/result?domain=history&limit=1')).text()).toContain(`"aggregation":${stored}`)
    await admin.del(key('result:aggregation'))
    expect(await json('/result')).toMatchObject({ aggregation: null, failed_domains: ['materials'] })
    const meta = JSON.stringify({ domains: { history: { chunks: 3, total: 8 } } })
    await admin.set(key('result:meta'), meta)
    expect(await json('/result?domain=nobody')).toEqual({ stage: 'events', results: {}, aggregation: null })
  })

  it('is exported from a result of one key too', async () => {
    const { get, admin, key } = await setUp()
    await admin.set(key('result'), JSON.stringify({ results: { history: { data: rows(0, 2) } } }))
    const text = await (await get('/export?domain=history')).text()
    expect(text).toBe('CONTAINERID,WORKCENTERNAME\r\nCID-0,切割\r\nCID-1,切割\r\n')
    expect((await get('/export?domain=holds')).status).toBe(400)
  })

  it.each([
    ['nobody', 'domain must be one of history, holds'],
    ['__proto__', 'domain must be one of history, holds'],
    ['materials', 'domain materials has failed and cannot be exported'],
  ])('is not exported by the domain %s', async (domain, message) => {
    const { storeChunks, get } = await setUp()
    await storeChunks()
    const response = await get(`/export?domain=${domain}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'INVALID_PARAMS', message } })
  })

  it('breaks an export off that would lack rows, and has none before it is complete', async () => {
    const { storeChunks, get, admin, key } = await setUp()
    await storeChunks()
    await admin.set(key('result:history:2'), JSON.stringify(rows(6, 7)))
    await expect((await get('/export?domain=history')).text()).rejects.toMatchObject({
      code: 'CHUNK_MISSING',
    })
    await admin.del(key('result:history:1'))
    await expect((await get('/export?domain=history')).text()).rejects.toMatchObject({
      code: 'CHUNK_MISSING',
    })
    await admin.del(key('result:meta'))
    expect((await get('/export?domain=history')).status).toBe(404)
    await admin.hset(key('meta'), 'status', 'started')
    expect((await get('/export?domain=history')).status).toBe(409)
  })

  it.each([
    ['DELETE', ''],
    ['POST', '/retry'],
  ])(
    'is not a job that this server does not know when it is to be cancelled or retried: %s',
    async (method, path) => {
      const { api } = await setUp('started')
      const response = await api(new Request(`http://localhost/api/trace/job/${ID}${path}`, { method }))
      expect(response.status).toBe(409)
      expect(await response.json()).toEqual({
        error: { code: 'JOB_READ_ONLY', message: expect.stringContaining('made by the original service') },
        status: 'running',
      })
      const unknown = new Request(`http://localhost/api/trace/job/trace-evt-0${path}`, { method })
      expect((await api(unknown)).status).toBe(404)
    },
  )

  it('knows when the result is gone, and when it is not yet there', async () => {
    const gone = await setUp()
    expect((await gone.get('/result')).status).toBe(404)
    expect((await gone.lines())[0]).toMatchObject({ type: 'error', code: 'JOB_RESULT_EXPIRED' })
    const running = await setUp('started')
    expect((await running.json('')).status).toBe('running')
    expect((await running.get('/stream')).status).toBe(409)
    expect((await running.get('/result')).status).toBe(409)
  })

  it('belongs to nobody where callers are told apart', async () => {
    const { trace, legacy } = await setUp()
    const api = createTraceApi(createTraceServices({ ...trace, legacy }), { identify: () => 'ann' })
    expect((await api(new Request(`http://localhost/api/trace/job/${ID}`))).status).toBe(404)
  })
})
