import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { get as httpGet } from 'node:http'
import { resolve } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startTestRedis, type TestRedis } from './testing/startTestRedis.js'
import { parseLines } from './testing/readLines.js'
import { describeWithNginx, startTestNginx } from './testing/startTestNginx.js'
import { startTestServer, type TestServer } from './testing/startTestServer.js'
import { startTestWorker, type TestWorker } from './testing/startTestWorker.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const DAY = { start_date: '2026-02-01', end_date: '2026-02-01', station: '測試' }
const PROFILE = 'mid_section_defect'

/** What a client makes of a download. */
interface Download {
  isWhole: boolean
  bytes: Buffer
}

const CLIENTS: Record<string, (url: string) => Promise<Download>> = {
  curl: (url) => curl(url),
  'curl of HTTP/1.0': (url) => curl(url, '--http1.0'),
  fetch: async (url) => {
    const response = await fetch(url)
    return response.arrayBuffer().then(
      (bytes) => ({ isWhole: response.ok, bytes: Buffer.from(bytes) }),
      () => ({ isWhole: false, bytes: Buffer.alloc(0) }),
    )
  },
  'node:http': (url) =>
    new Promise((done) => {
      httpGet(url, { agent: false }, (response) => {
        const parts: Buffer[] = []
        const settle = (isWhole: boolean) => done({ isWhole, bytes: Buffer.concat(parts) })
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => settle(response.complete))
        response.on('error', () => settle(false))
      }).on('error', () => done({ isWhole: false, bytes: Buffer.alloc(0) }))
    }),
}

function curl(url: string, ...options: string[]): Promise<Download> {
  return new Promise((done) => {
    const args = ['--silent', '--fail', ...options, url]
    execFile('curl', args, { maxBuffer: 2 ** 30, encoding: 'buffer' }, (error, bytes) =>
      done({ isWhole: error === null, bytes }),
    )
  })
}

describeWithNginx('a download that breaks off', () => {
  let redis: TestRedis
  let worker: TestWorker
  let server: TestServer
  let nginx: Awaited<ReturnType<typeof startTestNginx>>
  let admin: Redis
  let jobId: string

  beforeAll(async () => {
    redis = await startTestRedis()
    const environment = { REDIS_URL: redis.url, TRACE_STREAM_BATCH_SIZE: '1000' }
    admin = new Redis(redis.url)
    worker = await startTestWorker(environment)
    server = await startTestServer(environment)
    nginx = await startTestNginx(server.url, {
      // As Debian ships it: HTTP/1.0 to the server, and buffering.
      '/debian': '',
      '/chunked': 'proxy_http_version 1.1; proxy_set_header Connection "";',
      '/unbuffered': 'proxy_http_version 1.1; proxy_buffering off;',
    })
    jobId = await completedJob()
  })
  afterAll(async () => {
    admin?.disconnect()
    await nginx?.close()
    await server?.close()
    await worker?.close()
    await redis?.remove()
  })

  async function seedIds(params: Record<string, string>): Promise<string[]> {
    const response = await server.post('seed-resolve', { profile: PROFILE, params })
    const { seeds } = (await response.json()) as { seeds: { container_id: string }[] }
    return seeds.map(({ container_id }) => container_id)
  }

  async function completedJob(): Promise<string> {
    const container_ids = (await seedIds(DAY)).slice(0, 100)
    const lineage = await server.post('lineage', { profile: PROFILE, container_ids, params: DAY })
    const { lineage_id } = (await lineage.json()) as { lineage_id: string }
    const domains = ['upstream_history', 'materials']
    const accepted = await server.post('events-async', { profile: PROFILE, params: DAY, domains, lineage_id })
    const { job_id, status_url } = (await accepted.json()) as Record<'job_id' | 'status_url', string>
    expect(await server.ended(status_url)).toMatchObject({ status: 'completed' })
    return job_id
  }

  /** Takes the last rows of a domain out of the store, and puts them back. */
  async function withoutLastChunk(domain: string, run: () => Promise<void>) {
    const base = `mes_wip:trace:job:{${jobId}}`
    const entries = (await admin.lrange(`${base}:index`, 0, -1)).map((text) => JSON.parse(text))
    const last = entries.findLast((entry) => entry.type === 'records' && entry.domain === domain)
    const chunk = await admin.hgetBuffer(`${base}:chunks`, String(last.seq))
    await admin.hdel(`${base}:chunks`, String(last.seq))
    try {
      await run()
    } finally {
      await admin.hset(`${base}:chunks`, String(last.seq), chunk!)
    }
  }

  it('is an error when the server stops before all is sent, and does not wait', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'mock-server/main.ts'], {
      cwd: resolve(import.meta.dirname, '..'),
      env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'warn', REDIS_URL: redis.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    const url = await new Promise<string>((found) => {
      let said = ''
      child.stdout.on('data', (data: Buffer) => {
        said += data.toString()
        const address = /http:\/\/[\d.:]+/.exec(said)?.[0]
        if (address) found(address)
      })
    })
    const days = { start_date: '2026-02-01', end_date: '2026-02-04', station: '測試' }
    const domains = ['history', 'upstream_history', 'materials', 'rejects']
    const body = { profile: 'query_tool', container_ids: await seedIds(days), domains }
    // Slower than the server sends, and more than connections hold (10 MB).
    const options = ['--silent', '--http1.0', '--limit-rate', '1M', '--json', JSON.stringify(body)]
    const reading = spawn('curl', [...options, `${url}/api/trace/events`], { stdio: 'pipe' })
    const read = once(reading, 'exit')
    await once(reading.stdout, 'data')
    reading.stdout.resume()
    child.kill('SIGTERM')
    await new Promise((wait) => setTimeout(wait, 200))
    // A second signal ends it at once.
    child.kill('SIGTERM')
    expect((await ended)[0], 'exit code').toBe(1)
    // Receiving failed.
    expect((await read)[0], 'exit code of curl').toBe(56)
  })

  const WAYS = ['directly', '/debian', '/chunked', '/unbuffered']
  const urlOf = (way: string, path: string) =>
    `${way === 'directly' ? server.url : nginx.url + way}/api/trace/job/${jobId}${path}`
  // Between nginx and a client of HTTP/1.0 nothing can say that an answer broke off.
  const clientsOf = (way: string) =>
    Object.entries(CLIENTS).filter(([name]) => way === 'directly' || name !== 'curl of HTTP/1.0')

  describe.each(WAYS)('%s', (way) => {
    it.each(['/export?domain=materials', '/export?domain=materials&format=ndjson', '/result'])(
      'is an error to every client: %s with a lost chunk',
      async (path) => {
        const { bytes: whole } = await CLIENTS.curl!(urlOf('directly', path))
        for (const [name, download] of clientsOf(way)) {
          const { isWhole, bytes } = await download(urlOf(way, path))
          expect({ isWhole, isSame: bytes.equals(whole) }, name).toEqual({ isWhole: true, isSame: true })
        }
        await withoutLastChunk('materials', async () => {
          for (const [name, download] of clientsOf(way)) {
            const { isWhole, bytes } = await download(urlOf(way, path))
            expect(isWhole, name).toBe(false)
            expect(bytes.length, name).toBeLessThan(whole.length)
          }
        })
      },
    )

    it('is no break of the connection where the answer can say it: a stream ends in order', async () => {
      await withoutLastChunk('materials', async () => {
        for (const [name, download] of clientsOf(way)) {
          const { isWhole, bytes } = await download(urlOf(way, '/stream'))
          expect(isWhole, name).toBe(true)
          const last = parseLines(bytes.toString()).at(-1)
          expect(last, name).toMatchObject({ type: 'error', code: 'CHUNK_MISSING', retryable: false })
        }
      })
    })
  })

  it('is an error to pages of the original too, which pass over `error` lines, in its vocabulary', async () => {
    const old = await startTestServer({ REDIS_URL: redis.url, TRACE_STATUS_NAMES: 'rq' })
    const proxy = await startTestNginx(old.url, { '/debian': '' })
    const path = `/api/trace/job/${jobId}/stream`
    for (const url of [`${old.url}${path}`, `${proxy.url}/debian${path}`]) {
      const clients = Object.entries(CLIENTS).filter(([name]) => name !== 'curl of HTTP/1.0')
      for (const [name, download] of clients) expect((await download(url)).isWhole, name).toBe(true)
      await withoutLastChunk('materials', async () => {
        for (const [name, download] of clients) expect((await download(url)).isWhole, name).toBe(false)
        const { bytes } = await CLIENTS.curl!(url)
        // Readers that know the line have it before the break.
        expect(parseLines(bytes.toString()).at(-1)).toMatchObject({ type: 'error', code: 'CHUNK_MISSING' })
      })
    }
    await proxy.close()
    await old.close()
  })
})
