import { MemoryStore, type Options, type Store } from 'express-rate-limit'
import type { RedisClient } from './connectRedis.js'
import { defineScript, type RedisScript } from './defineScript.js'

/** KEYS: the window of one client. ARGV: its length in ms. Gives hits in it, and ms until it is over. */
const HIT = /* lua */ `
local left = redis.call('PTTL', KEYS[1])
if left <= 0 then
  redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])
  return {1, tonumber(ARGV[1])}
end
return {redis.call('INCR', KEYS[1]), left}
`

/**
 * Counts requests for all servers together. While Redis is away each server counts for itself: no limit at all
 * would let in what the limit is for.
 */
export function createRedisRateStore(options: { redis: RedisClient; prefix: string; kind: string }): Store {
  const { redis, prefix, kind } = options
  const alone = new MemoryStore()
  const hit: RedisScript = defineScript(redis, 'traceRateHit', HIT)
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
        const [totalHits, leftMs] = (await hit([keyOf(client)], [windowMs])) as [number, number]
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
