import { TraceError } from '../../../src/errors.js'
import type { BatchStore, StoredChunk } from '../../ports/index.js'
import type { RedisClient } from './connectRedis.js'
import { defineScript } from './defineScript.js'
import { packChunk, unpackChunk } from './packedChunk.js'
import { storeFull, withStore } from './toStoreError.js'

export interface RedisBatchStoreOptions {
  /** For commands; fails while Redis is away. */
  redis: RedisClient
  /** What all keys begin with. */
  prefix: string
  /** The most memory Redis may use, in bytes; 0: all but a little of Redis's own `maxmemory`. */
  budgetBytes: number
}

/** A list that is never finished is given up after this long. */
const UNFINISHED_TTL_MS = 3_600_000

/**
 * Lists in Redis. A list is one hash: chunks by number, how many there are, and the name of this writing of it,
 * so that a reader never goes on in another. It is written aside and renamed when complete.
 */
export function createRedisBatchStore({ redis, prefix, budgetBytes }: RedisBatchStoreOptions): BatchStore {
  const append = defineScript(redis, 'appendChunk')

  /** The key as the hash tag, so that what is renamed stays on its node; braces would end the tag early. */
  function keyOf(key: string) {
    return `${prefix}:trace:store:{${encodeURIComponent(key)}}`
  }

  async function write(aside: string, number: number, chunk: StoredChunk) {
    const wasStored = await withStore(() =>
      append([aside], { number, budgetBytes, ttlMs: UNFINISHED_TTL_MS }, [packChunk(chunk)]),
    )
    if (wasStored !== 1) throw storeFull()
  }

  async function* read(key: string, writing: string, count: number) {
    for (let number = 0; number < count; number++) {
      const [present, packed] = await withStore(() =>
        redis.hmgetBuffer(keyOf(key), 'writing', String(number)),
      )
      const chunk = packed && unpackChunk(packed)
      if (!chunk || present?.toString() !== writing) {
        throw new TraceError('CHUNK_MISSING', `Part ${number} of ${key} is no longer stored`)
      }
      yield chunk
    }
  }

  return {
    async put(key, chunks, ttlSeconds) {
      const writing = crypto.randomUUID()
      const aside = `${keyOf(key)}:${writing}`
      let count = 0
      try {
        for await (const chunk of chunks) await write(aside, count++, chunk)
        await withStore(async () => {
          await redis.hset(aside, { writing, count })
          await redis.pexpire(aside, ttlSeconds * 1000)
          await redis.rename(aside, keyOf(key))
        })
      } catch (cause) {
        // What cannot be taken away now goes when its time is over.
        await redis.unlink(aside).catch(() => {})
        throw cause
      }
    },

    async get(key) {
      const [writing, count] = await withStore(() => redis.hmget(keyOf(key), 'writing', 'count'))
      if (!writing) return null
      // A list that says nothing of its length would look like an empty one.
      if (!/^\d{1,9}$/.test(count ?? '')) throw new TraceError('CHUNK_MISSING', `The list ${key} is damaged`)
      return read(key, writing, Number(count))
    },

    async touch(key, ttlSeconds) {
      return withStore(async () => {
        const isLonger = await redis.pexpire(keyOf(key), ttlSeconds * 1000, 'GT')
        return isLonger === 1 || (await redis.exists(keyOf(key))) === 1
      })
    },

    async delete(key) {
      await withStore(() => redis.unlink(keyOf(key)))
    },
  }
}
