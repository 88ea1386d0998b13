import { afterEach, expect, it } from 'vitest'
import { freePort, startTestRedis, type TestRedis } from './testing/startTestRedis.js'
import { describeWithRedis } from './testing/testRedis.js'
import { parseLines } from './testing/readLines.js'
import { startTestServer, type TestServer } from './testing/startTestServer.js'

const SEEDS = { profile: 'query_tool', params: { resolve_type: 'work_order', values: ['GA26010001'] } }
const EVENTS = { profile: 'query_tool', container_ids: ['a', 'b'], domains: ['history'] }

describeWithRedis('A server whose Redis is away', () => {
  let redis: TestRedis | null = null
  let server: TestServer | null = null

  afterEach(async () => {
    await server?.close()
    await redis?.remove()
    server = redis = null
  })

  async function answerOf(response: Response) {
    const body = (await response.json()) as { error?: { code: string }; meta?: Record<string, unknown> }
    return {
      status: response.status,
      code: body.error?.code,
      retryAfter: response.headers.get('Retry-After'),
    }
  }

  const UNAVAILABLE = { status: 503, code: 'STORE_UNAVAILABLE', retryAfter: '2' }

  it('says so at the start, and is not ready', async () => {
    server = await startTestServer({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
    expect(server.warnings.join('\n')).toMatch(/Redis cannot be reached.*\n.*begins without Redis/)
    const ready = await server.get('/readyz')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ status: 'unready', store: 'unavailable' })
    expect((await server.get('/healthz')).status).toBe(200)
  })

  it('answers small questions all the same, stage by stage', async () => {
    server = await startTestServer({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
    const seeds = await server.post('seed-resolve', SEEDS)
    expect(seeds.status).toBe(200)
    const lineage = await server.post('lineage', { profile: 'query_tool', container_ids: ['a', 'b'] })
    expect(lineage.status).toBe(200)
    const { lineage_id } = (await lineage.json()) as { lineage_id: string }
    expect((await server.post('events', EVENTS)).status).toBe(200)
    const named = { profile: 'query_tool', lineage_id, domains: ['history'] }
    expect((await server.post('events', named)).status).toBe(200)
  })

  it('refuses what needs Redis, with the envelope and when to try again', async () => {
    server = await startTestServer({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
    expect(await answerOf(await server.post('events-async', EVENTS))).toEqual(UNAVAILABLE)
    for (const path of ['', '/result', '/stream', '/stream?follow=1']) {
      expect(await answerOf(await server.get(`/api/trace/job/trace-evt-0123456789ab${path}`))).toEqual(
        UNAVAILABLE,
      )
    }
  })

  it('ends streams with an error to retry when it is lost, and goes on by itself when it is back', async () => {
    redis = await startTestRedis({ isPersistent: true, settings: ['--appendfsync', 'always'] })
    server = await startTestServer({ REDIS_URL: redis.url })
    const { createRedisBackend } = await import('./adapters/redis/createRedisBackend.js')
    const settings = {
      url: redis.url,
      clusterNodes: [],
      prefix: 'mes_wip',
      queueName: 'trace-events',
      budgetMb: 0,
    }
    const times = { ttlSeconds: 100, unfinishedTtlSeconds: 100, warn: () => {} }
    const backend = createRedisBackend(settings, times)
    await backend.isThere(5_000)
    const job = {
      owner: '',
      kind: 'events' as const,
      profile: 'query_tool',
      domains: ['history'],
      cidCount: 2,
      createdAtMs: 0,
    }
    await backend.log.create({ ...job, jobId: 'trace-evt-0' })

    const streaming = server
      .get('/api/trace/job/trace-evt-0/stream?follow=1')
      .then((response) => response.text())
    await new Promise((resolve) => setTimeout(resolve, 200))
    await redis.stop('SIGKILL')
    const lines = parseLines(await streaming)
    expect(lines[0]).toMatchObject({ type: 'meta' })
    expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'STORE_UNAVAILABLE', retryable: true })
    expect((await server.get('/readyz')).status).toBe(503)

    await redis.start()
    const isBack = async () => (await server!.get('/api/trace/job/trace-evt-0')).status === 200
    while (!(await isBack())) await new Promise((resolve) => setTimeout(resolve, 50))
    await backend.close()
  })
})
