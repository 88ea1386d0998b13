import { spawnSync } from 'node:child_process'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import {
  connectRedis,
  whenReady,
  type RedisAddress,
  type RedisClient,
} from '../adapters/redis/connectRedis.js'
import { startTestRedis, type TestRedis, type TestRedisOptions } from './startTestRedis.js'

const IS_INSTALLED = spawnSync('redis-server', ['--version']).status === 0

/**
 * Runs `suite` where a real Redis can be started. Elsewhere the suite is skipped and its name says why; in CI that is a
 * failure.
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
  /** A key prefix of this test alone. */
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
