import { isTraceError } from '../../../src/errors.js'
import type { BatchStore, QueueHealth } from '../../ports/index.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'

/** Whether this server can do its work. */
export interface Health {
  isReady: boolean
  store: 'ok' | 'unavailable'
  /** `null` where jobs are switched off. */
  queue: QueueHealth | null
}

/** Asks the store and the queue. Not ready: a store that takes no writes, or jobs without workers. */
export async function checkHealth(
  deps: Pick<TraceDeps, 'store' | 'queue' | 'settings' | 'stopping'>,
): Promise<Health> {
  const { queue, settings, stopping } = deps
  const store = (await isStoreUp(deps.store)) ? 'ok' : 'unavailable'
  const health = settings.asyncEnabled ? await queue.health().catch(() => NO_WORKERS) : null
  const isReady = store === 'ok' && health?.workers !== 0 && !stopping?.aborted
  return { isReady, store, queue: health }
}

/** Whether the store can be written to: a replica answers every question. One that is full is still there to be read. */
export async function isStoreUp(store: Pick<BatchStore, 'put'>): Promise<boolean> {
  try {
    await store.put('readiness-probe', [], 1)
    return true
  } catch (cause) {
    return isTraceError(cause) && cause.code === 'MEMORY_GUARD'
  }
}

const NO_WORKERS: QueueHealth = { workers: 0, waiting: 0, running: 0 }
