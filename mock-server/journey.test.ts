import { connect } from 'node:net'
import { createGunzip, gunzipSync } from 'node:zlib'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { exampleValues } from './adapters/synthetic/exampleValues.js'
import { lineReader, parseLines, readLines, rowsOf, type Line } from './testing/readLines.js'
import { startTestServer, type TestServer } from './testing/startTestServer.js'

// Each job begins a thread, and loads TypeScript into it.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const DAY = { start_date: '2026-02-01', end_date: '2026-02-01', station: '測試' }
const MSD = 'mid_section_defect'
const DOMAINS = ['upstream_history', 'materials']

type JobUrls = Record<'follow_url' | 'status_url' | 'result_url' | 'stream_url' | 'cancel_url', string>

interface Seeds {
  seeds: { container_id: string }[]
}

describe('a trace over HTTP', () => {
  let server: TestServer
  /** A job that has completed, and its lines as its follower had them. */
  let done: { job: JobUrls; lines: Line[] }
  beforeAll(async () => {
    server = await startTestServer({ TRACE_ASYNC_CID_THRESHOLD: '500', TRACE_WORKER_COUNT: '2' })
    const job = await startJob()
    done = { job, lines: await readLines(await server.get(job.follow_url)) }
  })
  afterAll(() => server.close())

  async function seedIds(body: unknown): Promise<string[]> {
    const { seeds } = (await (await server.post('seed-resolve', body)).json()) as Seeds
    return seeds.map(({ container_id }) => container_id)
  }

  /** Seeds and lineage of one day's defects: enough for a job. */
  async function defectLineage() {
    const container_ids = await seedIds({ profile: MSD, params: DAY })
    const answer = await server.post(
      'lineage',
      { profile: MSD, container_ids, params: DAY },
      { Prefer: 'return=minimal' },
    )
    return (await answer.json()) as { lineage_id: string; cid_count: number }
  }

  async function startJob(extra: Record<string, unknown> = {}) {
    const { lineage_id } = await defectLineage()
    const body = { profile: MSD, params: DAY, domains: DOMAINS, lineage_id, ...extra }
    const response = await server.post('events', body)
    expect(response.status).toBe(202)
    return (await response.json()) as JobUrls
  }

  it('goes from lot names to rows, at once', async () => {
    const values = exampleValues('lot_id', 2)
    const ids = await seedIds({ profile: 'query_tool', params: { resolve_type: 'lot_id', values } })
    expect(ids).toHaveLength(2)
    const lineage = (await (
      await server.post('lineage', { profile: 'query_tool', container_ids: ids })
    ).json()) as { children_map: Record<string, string[]>; cid_count: number }
    expect(Object.keys(lineage.children_map).length).toBeGreaterThan(0)
    const response = await server.post('events', {
      profile: 'query_tool',
      container_ids: ids,
      domains: ['history', 'materials'],
      lineage,
    })
    expect(response.status).toBe(200)
    const { results } = (await response.json()) as {
      results: Record<string, { count: number; data: Record<string, unknown>[] }>
    }
    for (const domain of ['history', 'materials']) {
      const { count, data } = results[domain]!
      expect(count).toBe(data.length)
      expect(count).toBeGreaterThan(0)
      expect(data.every((row) => ids.includes(row.CONTAINERID as string))).toBe(true)
    }
  })

  it('goes from defects of a day to a job in a thread, followed to its end', async () => {
    const { job, lines } = done
    const seqs = lines.flatMap((line) => (line.seq === undefined ? [] : [line.seq]))
    expect(seqs).toEqual(seqs.map((_, index) => index + 1))
    const complete = lines.at(-1)!
    expect(complete.type).toBe('complete')
    for (const domain of DOMAINS) {
      expect(rowsOf(lines, domain)).toHaveLength((complete.domains as Record<string, number>)[domain]!)
    }
    const aggregation = lines.find((line) => line.type === 'aggregation')!.data as {
      kpi: { lot_count: number }
    }
    expect(aggregation.kpi.lot_count).toBeGreaterThan(100)

    const status = (await (await server.get(job.status_url)).json()) as Record<string, unknown>
    expect(status).toMatchObject({ status: 'completed', progress: 'complete', error: null })
    expect(await readLines(await server.get(job.stream_url))).toEqual(
      lines.filter((line) => line.type !== 'progress').map((line) => withTotal(line, complete)),
    )
  })

  it('is resumed after any line a cut left, without loss or repetition', async () => {
    const { job, lines } = done
    const whole = lines.filter((line) => line.type !== 'progress')
    const epoch = whole[0]!.epoch as string
    const last = whole.findLast((line) => line.seq !== undefined)!.seq as number
    for (const after of [1, 2, 3, Math.floor(last / 2), last]) {
      const rest = await readLines(await server.get(`${job.follow_url}&after=${after}&epoch=${epoch}`))
      expect(rest.filter((line) => line.seq !== undefined).map((line) => line.seq)).toEqual(
        whole.flatMap((line) => (line.seq !== undefined && (line.seq as number) > after ? [line.seq] : [])),
      )
      expect(rest.at(-1)).toEqual(whole.at(-1))
    }
    const anew = await readLines(await server.get(`${job.follow_url}&after=3&epoch=another`))
    expect(anew.slice(0, 2).map((line) => line.type)).toEqual(['reset', 'meta'])
  })

  it('is read in pages that together are all rows', async () => {
    const { job, lines } = done
    const rows: unknown[] = []
    let next: string | undefined = `${job.result_url}?domain=materials&limit=3000`
    while (next) {
      const response = await server.get(next)
      const page = (await response.json()) as { results: Record<string, { data: unknown[]; total: number }> }
      rows.push(...page.results.materials!.data)
      expect(page.results.materials!.total).toBe(rowsOf(lines, 'materials').length)
      next = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
    }
    expect(rows).toEqual(rowsOf(lines, 'materials'))
  })

  it('is the same for a reader without gzip', async () => {
    const { job, lines } = done
    const plain = await rawGet(server.url + job.stream_url, {})
    const packed = await rawGet(server.url + job.stream_url, { 'Accept-Encoding': 'gzip' })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(packed.body.length).toBeLessThan(plain.body.length / 5)
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true)
    expect(rowsOf(parseLines(plain.body.toString()), 'materials')).toEqual(rowsOf(lines, 'materials'))
  })

  it('is partial when a domain fails, and says so everywhere', async () => {
    const body = {
      profile: 'query_tool',
      container_ids: ['CID-FAIL-history', ...exampleValues('lot_id', 1)],
      domains: ['history', 'holds'],
    }
    const { follow_url, result_url } = (await (await server.post('events-async', body)).json()) as Record<
      string,
      string
    >
    const lines = await readLines(await server.get(follow_url!))
    expect(lines.find((line) => line.type === 'warning')).toEqual({
      type: 'warning',
      code: 'EVENTS_PARTIAL_FAILURE',
      failed_domains: ['history'],
    })
    const result = (await (await server.get(result_url!)).json()) as Record<string, unknown>
    expect(result).toMatchObject({ code: 'EVENTS_PARTIAL_FAILURE', failed_domains: ['history'] })
    expect(Object.keys(result.results as object)).toEqual(['holds'])
  })

  it('is cancelled where it runs', async () => {
    const body = { profile: 'query_tool', container_ids: ['CID-HANG'], domains: ['history'] }
    const job = (await (await server.post('events-async', body)).json()) as Record<string, string>
    const reader = lineReader(await server.get(job.follow_url!))
    await reader.until('domain_start')
    for (let i = 0; i < 2; i++) {
      expect((await server.get(job.cancel_url!, { method: 'DELETE' })).status).toBe(200)
    }
    expect(await server.ended(job.status_url!)).toMatchObject({
      status: 'cancelled',
      error_code: 'JOB_CANCELLED',
    })
    const lines = await readLines(await server.get(job.follow_url!))
    expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'JOB_CANCELLED' })
  })

  it('never blocks others: the server answers while two jobs run', async () => {
    const jobs = await Promise.all([startJob(), startJob()])
    expect((await server.get('/healthz')).status).toBe(200)
    for (const job of jobs) expect(await server.ended(job.status_url)).toMatchObject({ status: 'completed' })
  })
})

/** A `domain_start` read after the end knows its total. */
function withTotal(line: Line, complete: Line): Line {
  if (line.type !== 'domain_start') return line
  return { ...line, total: (complete.domains as Record<string, number>)[line.domain as string] }
}

function rawGet(url: string, headers: Record<string, string>) {
  return new Promise<{ headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    httpRequest(url, { headers, agent: false }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts) }))
    })
      .on('error', reject)
      .end()
  })
}

describe('connections', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ TRACE_SYNTHETIC_DELAY_MS: '5', TRACE_ID_BATCH_SIZE: '10' })
  })
  afterAll(() => server.close())

  it('show the first gzip lines while the job still runs', async () => {
    const body = { profile: 'query_tool', container_ids: ['CID-HANG'], domains: ['history'] }
    const job = (await (await server.post('events-async', body)).json()) as Record<string, string>
    const seen = await new Promise<string>((resolve, reject) => {
      const asking = httpRequest(
        server.url + job.follow_url,
        { headers: { 'Accept-Encoding': 'gzip' } },
        (response) => {
          response.pipe(createGunzip()).once('data', (text: Buffer) => {
            resolve(text.toString())
            asking.destroy()
          })
        },
      )
      asking.on('error', reject).end()
    })
    expect(seen).toContain('"type":"meta"')
    await server.get(job.cancel_url!, { method: 'DELETE' })
  })

  it('are slowed down by slow readers, and hold no more than they must', async () => {
    const ids = Array.from({ length: 400 }, (_, i) => `X-${i}`)
    const { url } = server
    const asking = httpRequest(`${url}/api/trace/events`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/x-ndjson' },
    })
    const response = await new Promise<IncomingMessage>((resolve) => {
      asking.once('response', resolve)
      asking.end(JSON.stringify({ profile: 'query_tool', container_ids: ids, domains: ['history'] }))
    })
    response.pause()
    await new Promise((resolve) => setTimeout(resolve, 50))
    response.destroy()
    expect((await server.get('/healthz')).status).toBe(200)
  })

  it('that send half a request and go away do no harm', async () => {
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      'POST /api/trace/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"prof',
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    socket.destroy()
    expect((await server.get('/healthz')).status).toBe(200)
  })
})

describe('the edge', () => {
  it('has the headers of the original’s pages', async () => {
    const server = await startTestServer()
    const headers = Object.fromEntries((await server.get('/api/trace/nope')).headers)
    await server.close()
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("connect-src 'self'"),
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
      'referrer-policy': expect.any(String),
    })
    expect(headers).not.toHaveProperty('strict-transport-security')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('counts requests before it looks at them, each kind apart', async () => {
    const server = await startTestServer({
      TRACE_SEED_RATE_LIMIT_MAX_REQUESTS: '2',
      TRACE_JOB_RATE_LIMIT_MAX_REQUESTS: '2',
    })
    for (const status of [400, 400, 429, 429]) {
      expect((await server.post('seed-resolve', '{oops')).status).toBe(status)
    }
    const refused = await server.post('seed-resolve', {})
    const { meta, ...body } = (await refused.json()) as { meta: Record<string, unknown> }
    expect(body).toEqual({
      success: false,
      error: { code: 'TOO_MANY_REQUESTS', message: '請求過於頻繁，請稍後再試' },
    })
    expect(meta.retry_after_seconds).toBeGreaterThanOrEqual(1)
    expect(refused.headers.get('retry-after')).toBe(String(meta.retry_after_seconds))

    const job = '/api/trace/job/none'
    for (const path of [job, `${job}/stream`, `${job}/result`]) {
      const statuses = []
      for (let i = 0; i < 3; i++) statuses.push((await server.get(path)).status)
      expect(statuses).toEqual([404, 404, 429])
    }
    expect((await server.post('lineage', {})).status).toBe(400)
    await server.close()
  })

  it('does not believe X-Forwarded-For unless the proxy is named', async () => {
    for (const [environment, statuses] of [
      [{}, [404, 429]],
      [{ TRUST_PROXY_HEADERS: 'true', TRUSTED_PROXY_IPS: '127.0.0.1' }, [404, 404]],
    ] as const) {
      const server = await startTestServer({ TRACE_JOB_RATE_LIMIT_MAX_REQUESTS: '1', ...environment })
      for (const [index, status] of statuses.entries()) {
        const headers = { 'X-Forwarded-For': `192.0.2.${index}` }
        expect((await server.get('/api/trace/job/none', { headers })).status).toBe(status)
      }
      await server.close()
    }
  })

  it('refuses what is too large, and reads on so that the sender hears it', async () => {
    const server = await startTestServer({ TRACE_BODY_LIMIT_MB: '1' })
    const body = { profile: 'query_tool', domains: ['history'], container_ids: ['x'.repeat(2 * 2 ** 20)] }
    const response = await server.post('events', body)
    expect(response.status).toBe(413)
    expect(((await response.json()) as { error: { code: string } }).error.code).toBe('BODY_TOO_LARGE')
    expect((await server.post('events', { ...body, container_ids: ['x'] })).status).toBe(200)
    await server.close()
  })

  it.each(['/api/trace/job/%zz', '/%', '/api/trace/job/%E0%A4%A', '//', '/..%2f..%2fetc/passwd'])(
    'answers the odd address %s in the usual form',
    async (path) => {
      const server = await startTestServer()
      const { port } = new URL(server.url)
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () =>
          socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
        )
        let text = ''
        socket.on('data', (data) => (text += data.toString()))
        socket.on('close', () => resolve(text))
      })
      await server.close()
      expect(answer).toMatch(/^HTTP\/1\.1 404 /)
      expect(answer).toContain('"code":"NOT_FOUND"')
    },
  )

  it('tells a job that outgrows its memory from a server that does', async () => {
    const server = await startTestServer({ TRACE_MEMORY_LIMIT_MB: '1', TRACE_ASYNC_CID_THRESHOLD: '1' })
    const params = { ...DAY, end_date: '2026-02-20' }
    const { seeds } = (await (await server.post('seed-resolve', { profile: MSD, params })).json()) as Seeds
    const container_ids = seeds.map(({ container_id }) => container_id)
    const body = { profile: MSD, container_ids, domains: DOMAINS, params }
    const { status_url } = (await (await server.post('events', body)).json()) as Record<string, string>
    expect(await server.ended(status_url!)).toMatchObject({
      status: 'failed',
      error_code: 'RESULT_TOO_LARGE',
    })
    expect((await server.get('/healthz')).status).toBe(200)
    await server.close()
  })

  it('fails a job that takes too long', async () => {
    const server = await startTestServer({ TRACE_JOB_TIMEOUT_SECONDS: '1' })
    const body = { profile: 'query_tool', container_ids: ['CID-HANG'], domains: ['history'] }
    const { status_url } = (await (await server.post('events-async', body)).json()) as Record<string, string>
    expect(await server.ended(status_url!)).toMatchObject({ status: 'failed', error_code: 'JOB_TIMEOUT' })
    await server.close()
  })
})
