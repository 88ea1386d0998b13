import { MemoryStore, type Options, type Store } from 'express-rate-limit'
import { TraceError } from '../../src/errors.js'
import type { RateKind, RateLimits } from '../http/RateLimits.js'

export interface RateLimit {
  maxRequests: number
  windowSeconds: number
}

export interface RateLimitOptions {
  limits: Readonly<Record<'seed' | 'lineage' | 'events' | 'job' | 'stranger', RateLimit>>
  /** Where requests of a kind are counted; default: in this process. */
  storeOf?: (kind: RateKind) => Store
}

/** Counts requests in windows of a fixed length, which begin with a caller's first request. */
export function createRateLimits({ limits, storeOf }: RateLimitOptions): RateLimits {
  const { seed, lineage, events, job } = limits
  const ofKind = { seed, lineage, events, status: job, result: job, export: job, stream: job }
  const counters = Object.entries(ofKind).map(([name, limit]) => {
    const kind = name as RateKind
    return [kind, createCounter(limit, storeOf?.(kind))] as const
  })
  const counterOf = Object.fromEntries(counters) as Record<RateKind, Counter>
  // In this process only: what is tried and taken back with every request should cost no way to Redis.
  const strangers = createCounter(limits.stranger)

  return {
    count: (kind, caller) => counterOf[kind].count(caller),
    async countStranger(address) {
      await strangers.count(address)
      return () => strangers.takeBack(address)
    },
  }
}

type Counter = ReturnType<typeof createCounter>

function createCounter({ maxRequests, windowSeconds }: RateLimit, store: Store = new MemoryStore()) {
  store.init?.({ windowMs: windowSeconds * 1000 } as Options)
  return {
    async count(caller: string) {
      const { totalHits, resetTime } = await store.increment(caller)
      if (totalHits <= maxRequests) return
      const leftMs = (resetTime?.getTime() ?? 0) - Date.now()
      const retryAfterMs = Math.max(1, leftMs)
      throw new TraceError('TOO_MANY_REQUESTS', '請求過於頻繁，請稍後再試', { retryAfterMs })
    },
    takeBack: async (caller: string) => void (await store.decrement(caller)),
  }
}
