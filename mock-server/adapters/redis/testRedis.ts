import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import { connectRedis, whenReady, type RedisAddress, type RedisClient } from './connectRedis.js'

/** A `redis-server` of the test's own. */
export interface TestRedis {
  readonly port: number
  readonly url: string
  /** Where it keeps its append-only file. */
  readonly dir: string
  /** Ends it: `SIGTERM` as an operator would, `SIGKILL` as a crash would. */
  stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>
  /** Starts it again on the same port, with what its append-only file holds. */
  start: () => Promise<void>
  /** Ends it for good, and its files. */
  remove: () => Promise<void>
}

export interface TestRedisOptions {
  /** Keeps an append-only file (every second), so that a restart finds the data again. */
  isPersistent?: boolean
  /** Further settings, as on redis-server's command line. */
  settings?: string[]
}

const IS_INSTALLED = spawnSync('redis-server', ['--version']).status === 0

/**
 * Runs `suite` where a real Redis can be started. Elsewhere it is skipped and its name says why; in CI that is
 * a failure, lest nobody notice.
 */
export function describeWithRedis(name: string, suite: () => void) {
  if (IS_INSTALLED) return describe(name, suite)
  if (!process.env.CI) return describe.skip(`${name} (skipped: redis-server is not installed)`, suite)
  describe(name, () => {
    it('has a redis-server to run on', () => {
      throw new Error('redis-server is not installed; CI must run the Redis suites')
    })
  })
}

/** What tests of one suite share. */
export interface RedisFixture {
  server: TestRedis
  address: RedisAddress
  /** For looking behind the adapters. */
  admin: Redis
  /** As the adapters' options want them. */
  redis: RedisClient
  subscriber: RedisClient
  /** A key prefix nobody else uses. */
  freshPrefix: () => string
  /** Runs `close` after the present test. */
  closeAfter: (close: () => unknown) => void
}

/** Starts a Redis before the suite's tests and ends it after them. The fixture is filled when tests run. */
export function useTestRedis(options: TestRedisOptions = {}): RedisFixture {
  let closers: (() => unknown)[] = []
  const fixture = {
    freshPrefix: () => `test-${crypto.randomUUID()}`,
    closeAfter: (close: () => unknown) => void closers.push(close),
  } as RedisFixture

  beforeAll(async () => {
    const server = await startTestRedis(options)
    const address = { url: server.url, clusterNodes: [] }
    const admin = new Redis(server.url)
    const redis = connectRedis(address, 'commands')
    const subscriber = connectRedis(address, 'waiting')
    // Some tests end the server, of which every client complains.
    for (const client of [admin, redis, subscriber]) client.on('error', () => {})
    Object.assign(fixture, { server, address, admin, redis, subscriber })
    await whenReady(redis, 5_000)
  })
  afterEach(async () => {
    for (const close of closers.reverse()) await close()
    closers = []
  })
  afterAll(async () => {
    for (const client of [fixture.admin, fixture.redis, fixture.subscriber]) client.disconnect()
    await fixture.server.remove()
  })
  return fixture
}

/** Starts a `redis-server` on a free port, in a folder of its own. */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const { isPersistent = false, settings = [] } = options
  const dir = mkdtempSync(join(tmpdir(), 'trace-redis-'))
  const port = await freePort()
  let server: ChildProcess | null = null

  async function start() {
    server = spawn(
      'redis-server',
      [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''],
        ...['--appendonly', isPersistent ? 'yes' : 'no', '--appendfsync', 'everysec'],
        ...settings,
      ],
      { stdio: 'ignore' },
    )
    await answering(port, server)
  }

  async function stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') {
    const stopping = server
    if (!stopping || stopping.exitCode !== null || stopping.signalCode !== null) return
    await new Promise((resolve) => {
      stopping.once('exit', resolve)
      stopping.kill(signal)
    })
  }

  await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    dir,
    start,
    stop,
    async remove() {
      await stop('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A port nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

async function answering(port: number, server: ChildProcess) {
  const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null })
  redis.on('error', () => {})
  const ended = new Promise<never>((_, reject) => {
    server.once('error', reject)
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
  })
  ended.catch(() => {})
  try {
    await Promise.race([redis.ping(), ended])
  } finally {
    redis.disconnect()
  }
}

/** Lets time pass for everything in a Redis: whatever lives for a while is that much nearer to its end. */
export async function ageKeys(redis: Redis, ms: number) {
  for await (const keys of redis.scanStream({ count: 1000 }) as AsyncIterable<string[]>) {
    for (const key of keys) {
      const leftMs = await redis.pttl(key)
      if (leftMs < 0) continue
      if (leftMs <= ms) await redis.del(key)
      else await redis.pexpire(key, leftMs - ms)
    }
  }
}
