import { afterEach, describe, expect, it } from 'vitest'
import { startTestRedis, type TestRedis } from '../testing/startTestRedis.js'
import { createRedisBackend } from '../adapters/redis/createRedisBackend.js'
import { describeWithRedis } from '../testing/testRedis.js'
import { startTestServer, type TestServer } from '../testing/startTestServer.js'
import { plainJob } from '../adapters/contracts/plainJob.js'

const EVENTS = { profile: 'query_tool', container_ids: ['a', 'b'], domains: ['history'] }
let server: TestServer | null = null
let redis: TestRedis | null = null

afterEach(async () => {
  await server?.close()
  await redis?.remove()
  server = redis = null
})

async function readMetrics(headers: Record<string, string> = {}) {
  const response = await server!.get('/metrics', { headers })
  const text = await response.text()
  const valueOf = (sample: string) => {
    const line = text.split('\n').find((each) => each.startsWith(`${sample} `))
    return line === undefined ? null : Number(line.slice(sample.length))
  }
  return { status: response.status, text, valueOf }
}

describe('metrics', () => {
  it('tell of queue, workers, jobs, commits, rows and bytes', { timeout: 30_000 }, async () => {
    server = await startTestServer({ TRACE_WORKER_COUNT: '3' })
    const seeds = await server.post('seed-resolve', {
      profile: 'mid_section_defect',
      params: { date_range: ['2026-01-01', '2026-01-01'], station: '測試' },
    })
    const { seeds: found } = (await seeds.json()) as { seeds: { container_id: string }[] }
    const container_ids = found.slice(0, 2).map(({ container_id }) => container_id)
    const accepted = await server.post('events-async', { ...EVENTS, container_ids })
    const job = (await accepted.json()) as Record<string, string>
    await server.ended(job.status_url!)
    const lines = (await (await server.get(job.stream_url!)).text()).trim().split('\n')
    const { total_records } = JSON.parse(lines.at(-1)!) as { total_records: number }

    const { valueOf } = await readMetrics()
    expect(valueOf('trace_workers')).toBe(3)
    expect(valueOf('trace_jobs_waiting')).toBe(0)
    expect(valueOf('trace_jobs_ended_total{state="completed"}')).toBe(1)
    expect(valueOf('trace_commit_seconds_count')).toBeGreaterThan(0)
    expect(valueOf('trace_rows_sent_total')).toBe(total_records)
    expect(valueOf('trace_bytes_sent_total')).toBeGreaterThan(100)
    expect(valueOf('trace_stream_clients')).toBe(0)
    expect(valueOf('process_resident_memory_bytes')).toBeGreaterThan(0)
  })

  it('are for this machine only, unless they are made public', async () => {
    server = await startTestServer()
    expect((await readMetrics()).status).toBe(200)
    const forwarding = [
      'Forwarded',
      'Via',
      'X-Real-IP',
      'X-Forwarded-For',
      'X-Forwarded-Proto',
      'X-Client-IP',
    ]
    for (const header of forwarding) {
      expect((await readMetrics({ [header]: '10.0.0.9' })).status, header).toBe(404)
    }
    await server.close()
    server = await startTestServer({ METRICS_PUBLIC: 'true' })
    expect((await readMetrics({ 'X-Forwarded-For': '10.0.0.9' })).status).toBe(200)
  })
})

describeWithRedis('metrics on Redis', () => {
  it('tell what all workers have counted, and go on without it', { timeout: 30_000 }, async () => {
    redis = await startTestRedis()
    server = await startTestServer({ REDIS_URL: redis.url })
    const settings = {
      url: redis.url,
      clusterNodes: [],
      prefix: 'mes_wip',
      queueName: 'trace-events',
      budgetMb: 0,
    }
    for (const jobId of ['one', 'two']) {
      const times = { ttlSeconds: 100, unfinishedTtlSeconds: 100, warn: () => {} }
      const { log, isThere, close } = createRedisBackend(settings, times)
      await isThere(5_000)
      await log.create(plainJob(jobId))
      const { lease } = await log.open(jobId)
      const progress = { phase: 'fetching', currentDomain: null, cidsDone: 0 } as const
      await log.commit(jobId, lease, { entries: [], lists: [], checkpoints: new Map(), progress })
      await log.finish(jobId, lease, { state: 'completed', aggregation: null })
      await close()
    }
    const { valueOf } = await readMetrics()
    expect(valueOf('trace_jobs_ended_total{state="completed"}')).toBe(2)
    expect(valueOf('trace_commit_seconds_count')).toBe(2)
    expect(valueOf('trace_commit_seconds_bucket{le="+Inf"}')).toBe(2)
    expect(valueOf('trace_workers')).toBe(0)
    expect(valueOf('trace_store_up')).toBe(1)

    await redis.stop()
    const away = await readMetrics()
    expect(away.status).toBe(200)
    expect(away.valueOf('trace_store_up')).toBe(0)
    expect(away.valueOf('trace_workers')).toBeNaN()
  })

  it(
    'count requests for all servers together, and each alone while Redis is away',
    { timeout: 30_000 },
    async () => {
      redis = await startTestRedis()
      const limits = { REDIS_URL: redis.url, TRACE_JOB_RATE_LIMIT_MAX_REQUESTS: '3' }
      server = await startTestServer(limits)
      const other = await startTestServer(limits)
      const ask = async (of: TestServer) => (await of.get('/api/trace/job/trace-evt-0')).status
      expect([await ask(server), await ask(other), await ask(server)]).toEqual([404, 404, 404])
      expect([await ask(server), await ask(other)]).toEqual([429, 429])
      expect((await server.get('/api/trace/job/trace-evt-0/stream')).status).toBe(404)

      await redis.stop()
      const alone = [await ask(server), await ask(server), await ask(server), await ask(server)]
      expect(alone).toEqual([503, 503, 503, 429])
      expect(await ask(other)).toBe(503)
      await other.close()
    },
  )
})
