import { MemoryStore, type Options, type Store } from 'express-rate-limit'
import type { RedisClient } from './connectRedis.js'
import { defineScript } from './defineScript.js'

/**
 * Counts requests for all servers together. While Redis is away each server counts for itself: no limit at all
 * would let in what the limit is for.
 */
export function createRedisRateStore(options: { redis: RedisClient; prefix: string; kind: string }): Store {
  const { redis, prefix, kind } = options
  const alone = new MemoryStore()
  const hit = defineScript(redis, 'countHit')
  // Addresses may have colons, and what a proxy says they are may have anything.
  const keyOf = (client: string) => `${prefix}:trace:rate:${kind}:${encodeURIComponent(client)}`
  let windowMs = 60_000

  return {
    init(given: Options) {
      windowMs = given.windowMs
      alone.init(given)
    },
    async increment(client) {
      try {
        const [totalHits, leftMs] = (await hit([keyOf(client)], { windowMs })) as [number, number]
        return { totalHits, resetTime: new Date(Date.now() + leftMs) }
      } catch {
        return alone.increment(client)
      }
    },
    async decrement(client) {
      await redis.decr(keyOf(client)).catch(() => alone.decrement(client))
    },
    async resetKey(client) {
      await redis.unlink(keyOf(client)).catch(() => {})
      await alone.resetKey(client)
    },
    shutdown: () => alone.shutdown(),
  }
}
