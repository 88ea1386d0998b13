import type { QueueHealth } from '../ports/index.js'
import type { TraceDeps } from './TraceDeps.js'

/** Whether this server can do its work. */
export interface Health {
  isReady: boolean
  store: 'ok' | 'unavailable'
  /** `null` where jobs are switched off. */
  queue: QueueHealth | null
}

/** Asks the store and the queue. Not ready: a store that does not answer, or jobs without workers. */
export async function checkHealth({
  log,
  queue,
  settings,
  stopping,
}: Pick<TraceDeps, 'log' | 'queue' | 'settings' | 'stopping'>): Promise<Health> {
  const store = await log.snapshot('readiness-probe').then(
    () => 'ok' as const,
    () => 'unavailable' as const,
  )
  const health = settings.asyncEnabled ? await queue.health().catch(() => NOBODY) : null
  const isReady = store === 'ok' && health?.workers !== 0 && !stopping?.aborted
  return { isReady, store, queue: health }
}

const NOBODY: QueueHealth = { workers: 0, waiting: 0, running: 0 }
