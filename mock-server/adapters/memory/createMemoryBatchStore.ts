import type { BatchStore, Clock, StoredChunk } from '../../ports/index.js'
import { storeFull, type ByteBudget } from './createByteBudget.js'

interface StoredList {
  chunks: StoredChunk[]
  bytes: number
  expiresAtMs: number
}

/** Lists in this process's memory, within `budget`. `sweep()` frees what has expired. */
export function createMemoryBatchStore({ clock, budget }: { clock: Clock; budget: ByteBudget }) {
  const lists = new Map<string, StoredList>()

  function live(key: string): StoredList | undefined {
    const list = lists.get(key)
    if (list && list.expiresAtMs <= clock.now()) {
      drop(key)
      return undefined
    }
    return list
  }

  function drop(key: string) {
    budget.give(lists.get(key)?.bytes ?? 0)
    lists.delete(key)
  }

  const store: BatchStore = {
    async put(key, chunks, ttlSeconds) {
      const list: StoredList = { chunks: [], bytes: 0, expiresAtMs: 0 }
      try {
        for await (const chunk of chunks) {
          if (!budget.take(chunk.bytes.length)) throw storeFull(budget)
          list.bytes += chunk.bytes.length
          list.chunks.push(chunk)
        }
      } catch (cause) {
        budget.give(list.bytes)
        throw cause
      }
      drop(key)
      list.expiresAtMs = clock.now() + ttlSeconds * 1000
      lists.set(key, list)
    },

    async get(key) {
      const list = live(key)
      return list ? iterate(list.chunks) : null
    },

    async touch(key, ttlSeconds) {
      const list = live(key)
      if (!list) return false
      list.expiresAtMs = Math.max(list.expiresAtMs, clock.now() + ttlSeconds * 1000)
      return true
    },

    async delete(key) {
      drop(key)
    },
  }

  return {
    ...store,
    sweep() {
      for (const key of lists.keys()) live(key)
    },
  }
}

async function* iterate(chunks: StoredChunk[]) {
  yield* chunks
}
