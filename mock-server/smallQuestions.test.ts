import { afterEach, expect, it, vi } from 'vitest'
import { exampleValues } from './adapters/synthetic/exampleValues.js'
import { parseLines } from './testing/readLines.js'
import { startTestRedis, type TestRedis } from './testing/startTestRedis.js'
import { startTestServer, type TestServer } from './testing/startTestServer.js'
import { startTestWorker, type TestWorker } from './testing/startTestWorker.js'
import { describeWithRedis } from './testing/testRedis.js'

vi.setConfig({ testTimeout: 60_000 })

const DOMAINS = ['upstream_history', 'materials']
const MONTHS = { start_date: '2026-01-01', end_date: '2026-05-31' }

describeWithRedis('Small questions beside large ones', () => {
  let redis: TestRedis | null = null
  let server: TestServer | null = null
  let workers: TestWorker[] = []

  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.close()))
    await server?.close()
    await redis?.remove()
    workers = []
    server = redis = null
  })

  async function ask(body: unknown) {
    const response = await server!.post('run', body)
    expect(response.status).toBe(202)
    return (await response.json()) as Record<'follow_url' | 'status_url' | 'cancel_url', string>
  }

  async function statusOf({ status_url }: { status_url: string }) {
    return ((await (await server!.get(status_url)).json()) as { status: string }).status
  }

  it.each([
    ['beside each', ['all', 'all']],
    ['in a process of their own', ['large', 'large', 'small']],
  ] as const)('three lots are complete while two large jobs keep every worker busy, %s', async (_, takes) => {
    redis = await startTestRedis()
    server = await startTestServer({ REDIS_URL: redis.url })
    // Queries of the large jobs take so long that the jobs cannot end before.
    const environment = { REDIS_URL: redis.url, TRACE_SYNTHETIC_DELAY_MS: '1000' }
    workers = await Promise.all(takes.map((each) => startTestWorker(environment, each)))
    const large = await Promise.all(
      ['測試', '切割'].map((station) =>
        ask({ profile: 'mid_section_defect', params: { ...MONTHS, station }, domains: DOMAINS }),
      ),
    )
    for (const job of large) await expect.poll(() => statusOf(job), { timeout: 20_000 }).toBe('running')

    const values = exampleValues('lot_id', 3)
    const lots = await ask({
      profile: 'query_tool',
      params: { resolve_type: 'lot_id', values },
      domains: ['history'],
    })
    const lines = parseLines(await (await server.get(lots.follow_url)).text())
    expect(lines.at(-1)).toMatchObject({ type: 'complete' })
    expect(await Promise.all(large.map(statusOf))).toEqual(['running', 'running'])

    await Promise.all(large.map(({ cancel_url }) => server!.get(cancel_url, { method: 'DELETE' })))
  })
})
