import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startTestRedis, type TestRedis } from './testing/startTestRedis.js'
import { describeWithRedis } from './testing/testRedis.js'
import { startForwarder } from './testing/startForwarder.js'
import { startTestServer, type TestServer } from './testing/startTestServer.js'
import { startTestWorker, type TestWorker } from './testing/startTestWorker.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const DAY = { start_date: '2026-02-01', end_date: '2026-02-01', station: '測試' }
const SOON = { timeout: 30_000, interval: 100 }

describeWithRedis('a Redis that fails over', () => {
  let primary: TestRedis
  let replica: TestRedis
  let name: Awaited<ReturnType<typeof startForwarder>>
  let server: TestServer
  let worker: TestWorker

  beforeEach(async () => {
    primary = await startTestRedis()
    replica = await startTestRedis()
    await command(replica, 'REPLICAOF', '127.0.0.1', String(primary.port))
    await vi.waitFor(async () => {
      expect(await command(replica, 'INFO', 'replication')).toContain('master_link_status:up')
    }, SOON)
    name = await startForwarder(primary.port)
    const environment = {
      REDIS_URL: `redis://127.0.0.1:${name.port}`,
      // 552 lots in 28 queries of 0.2 s.
      TRACE_ID_BATCH_SIZE: '20',
      TRACE_SYNTHETIC_DELAY_MS: '200',
    }
    server = await startTestServer(environment)
    worker = await startTestWorker(environment)
  })
  afterEach(async () => {
    await worker?.close()
    await server?.close()
    await name?.close()
    await primary?.remove()
    await replica?.remove()
  })

  async function command(redis: TestRedis, word: string, ...args: string[]) {
    const admin = new Redis(redis.url, { maxRetriesPerRequest: 0 })
    try {
      return await admin.call(word, ...args)
    } finally {
      admin.disconnect()
    }
  }

  async function seedIds(): Promise<string[]> {
    const response = await server.post('seed-resolve', { profile: 'mid_section_defect', params: DAY })
    const { seeds } = (await response.json()) as { seeds: { container_id: string }[] }
    return seeds.map(({ container_id }) => container_id)
  }

  async function startJob(container_ids: string[]) {
    const body = { profile: 'query_tool', container_ids, domains: ['history'] }
    const response = await server.post('events-async', body, { 'Cache-Control': 'no-cache' })
    expect(response.status).toBe(202)
    return (await response.json()) as { job_id: string; status_url: string; stream_url: string }
  }

  async function lastLine(streamUrl: string) {
    const text = await (await server.get(streamUrl)).text()
    return JSON.parse(text.trim().split('\n').at(-1)!) as unknown
  }

  async function health() {
    const ready = await server.get('/readyz')
    const metrics = await (await server.get('/metrics')).text()
    const { store } = (await ready.json()) as { store: string }
    return { ready: ready.status, store, up: /^trace_store_up (\d)$/m.exec(metrics)?.[1] }
  }

  const UP = { ready: 200, store: 'ok', up: '1' }
  const DOWN = { ready: 503, store: 'unavailable', up: '0' }

  /** A job at work, of which something is committed. */
  async function jobAtWork(ids: string[]) {
    const job = await startJob(ids)
    await vi.waitFor(async () => {
      const status = (await (await server.get(job.status_url)).json()) as {
        progress_detail: { rows: number }
      }
      expect(status.progress_detail.rows).toBeGreaterThan(0)
    }, SOON)
    return job
  }

  it('is followed to the new primary, by server and worker alike, and says what it is until then', async () => {
    await vi.waitFor(async () => expect(await health()).toEqual(UP), SOON)
    const ids = await seedIds()
    const job = await jobAtWork(ids)

    await command(replica, 'REPLICAOF', 'NO', 'ONE')
    await command(primary, 'REPLICAOF', '127.0.0.1', String(replica.port))
    expect(await health()).toEqual(DOWN)
    const refused = await server.post('events-async', {
      profile: 'query_tool',
      container_ids: ids,
      domains: ['holds'],
    })
    expect(refused.status).toBe(503)
    const toldOfReplica = () => server.warnings.filter((warning) => warning.includes('is a replica'))
    await vi.waitFor(() => expect(toldOfReplica()).toHaveLength(1), SOON)

    name.moveTo(replica.port)
    await vi.waitFor(async () => expect(await health()).toEqual(UP), SOON)
    expect(await server.ended(job.status_url)).toMatchObject({ status: 'completed' })
    const anew = await startJob(ids)
    expect(await server.ended(anew.status_url)).toMatchObject({ status: 'completed' })
    const last = await lastLine(job.stream_url)
    expect(last).toMatchObject({ type: 'complete' })
    expect(await lastLine(anew.stream_url)).toEqual(last)
    expect(toldOfReplica()).toHaveLength(1)
    expect(server.warnings.at(-1)).toBe('Redis is there again')
  })

  it('is followed when the machine of the primary goes without a word', async () => {
    await vi.waitFor(async () => expect(await health()).toEqual(UP), SOON)
    const job = await jobAtWork(await seedIds())

    name.silence()
    await command(replica, 'REPLICAOF', 'NO', 'ONE')
    name.moveTo(replica.port)
    await vi.waitFor(async () => expect(await health()).toEqual(UP), SOON)
    expect(await server.ended(job.status_url)).toMatchObject({ status: 'completed' })
    expect(await lastLine(job.stream_url)).toMatchObject({ type: 'complete' })
  })
})
