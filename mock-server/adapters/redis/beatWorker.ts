import type { RedisClient } from './connectRedis.js'
import { defineScript } from './defineScript.js'

const BEAT_EVERY_MS = 2_000
/** So long a worker counts as alive that is not heard of. */
const ALIVE_MS = 6_000

/** Tells Redis again and again that a worker is there, with so many places for large jobs. */
export function beatWorker(redis: RedisClient, workersKey: string, places: number) {
  const name = crypto.randomUUID()
  const placeNames = Array.from({ length: places }, (_, place) => `${name}:${place}`)
  const script = defineScript(redis, 'beatWorker')
  let timer: ReturnType<typeof setInterval> | undefined

  async function beat() {
    // While Redis is away it cannot be asked either; the next beat tells it again.
    await script([workersKey], { aliveMs: ALIVE_MS, places: placeNames }).catch(() => {})
  }

  return {
    async start() {
      timer = setInterval(() => void beat(), BEAT_EVERY_MS)
      await beat()
    },
    async stop() {
      clearInterval(timer)
      if (places > 0) await redis.zrem(workersKey, ...placeNames).catch(() => {})
    },
  }
}
