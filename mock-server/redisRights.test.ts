import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { startTestRedis, type TestRedis } from './testing/startTestRedis.js'
import { describeWithRedis } from './testing/testRedis.js'
import { startTestServer, type TestServer } from './testing/startTestServer.js'

const ROOT = new URL('..', import.meta.url).pathname
const OPERATIONS = readFileSync(new URL('../docs/operations.md', import.meta.url), 'utf8')

describeWithRedis('A Redis user with the rights that docs/operations.md names', () => {
  let redis: TestRedis
  let admin: Redis
  let server: TestServer | null = null
  let worker: ChildProcess | null = null

  beforeAll(async () => {
    redis = await startTestRedis()
    admin = new Redis(redis.url)
    const command = /^ *ACL (SETUSER trace .*)$/m.exec(OPERATIONS)![1]!
    await admin.call('ACL', ...command.split(' '))
  })
  afterEach(async () => {
    worker?.kill('SIGKILL')
    await server?.close()
    server = worker = null
  })
  afterAll(async () => {
    admin.disconnect()
    await redis.remove()
  })

  async function begin(path: string, body: unknown) {
    const answer = await server!.post(path, body)
    return (await answer.json()) as Record<'job_id' | 'status_url' | 'stream_url' | 'follow_url', string>
  }

  it('is refused nothing by Redis, from a first question to a cancelled job', async () => {
    const environment = { REDIS_URL: `redis://trace:password@127.0.0.1:${redis.port}/3` }
    server = await startTestServer(environment)
    worker = spawn(process.execPath, ['--import', 'tsx', 'mock-server/worker.ts', '--one'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, LOG_LEVEL: 'silent', ...environment },
      stdio: 'inherit',
    })
    await vi.waitFor(async () => expect((await server!.get('/readyz')).status).toBe(200), 30_000)

    const events = { profile: 'query_tool', domains: ['history'] }
    const lineage = await server.post('lineage', { profile: 'query_tool', container_ids: ['a', 'b'] })
    expect(lineage.status).toBe(200)
    expect((await server.post('events', { ...events, container_ids: ['a'] })).status).toBe(200)
    const job = await begin('events-async', { ...events, container_ids: ['a', 'b'] })
    await (await server.get(job.follow_url)).text()
    expect(await server.ended(job.status_url)).toMatchObject({ status: 'completed' })
    for (const path of ['/result', '/export?domain=history&format=csv', '/stream']) {
      expect((await server.get(job.status_url + path)).status, path).toBe(200)
    }
    const hanging = await begin('events-async', { ...events, container_ids: ['CID-HANG'] })
    expect((await server.get(hanging.status_url, { method: 'DELETE' })).status).toBe(200)
    expect(await server.ended(hanging.status_url)).toMatchObject({ status: 'cancelled' })
    expect((await server.post(`job/${hanging.job_id}/retry`, {})).status).not.toBe(500)
    expect(await (await server.get('/metrics')).text()).toContain('trace_store_up 1')

    // What was refused, in this Redis's own words.
    expect(await admin.call('ACL', 'LOG')).toEqual([])
  })

  it.each(['main.ts', 'worker.ts'])(
    'without a database it can select %s ends at the start, with one sentence',
    async (file) => {
      const child = spawn(process.execPath, ['--import', 'tsx', `mock-server/${file}`], {
        cwd: ROOT,
        env: { PATH: process.env.PATH, PORT: '0', REDIS_URL: `${redis.url}/99` },
      })
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (data: Buffer) => (said += data.toString()))
      const [code] = (await once(child, 'close')) as [number]
      expect(code).toBe(1)
      expect(said).toBe('Redis does not give the database of REDIS_URL: ERR DB index is out of range.\n')
    },
  )
})
