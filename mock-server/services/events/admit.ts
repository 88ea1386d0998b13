import { TraceError } from '../../../src/errors.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'

/** How an events request is answered: by a job, or at once. */
export type Way = 'job' | 'now'

/** `must` (events-async), `should` (`Prefer: respond-async`), or as the size of the question says. */
export type AsyncOption = 'must' | 'should' | null

type Deps = Pick<TraceDeps, 'queue' | 'settings' | 'memoryUsedMb' | 'warn'>

/**
 * Decides how a question of `cidCount` CIDs is answered, or that it is not.
 *
 * @param hasFigures such a question is answered whatever its size, as the original does
 * @throws {TraceError} `QUEUE_UNAVAILABLE`, `QUEUE_FULL`, `CID_LIMIT_EXCEEDED`, `MEMORY_GUARD`
 */
export async function admit(
  deps: Deps,
  hasFigures: boolean,
  cidCount: number,
  asyncOption: AsyncOption,
): Promise<Way> {
  const { settings, memoryUsedMb, warn } = deps
  const isOverLimit = cidCount > settings.eventsCidLimit
  const isShortOfMemory = settings.memoryGuardMb > 0 && (memoryUsedMb?.() ?? 0) > settings.memoryGuardMb

  if (asyncOption !== null || cidCount > settings.asyncCidThreshold || isOverLimit || isShortOfMemory) {
    const room = await findRoom(deps)
    if (room === 'free') return 'job'
    if (room === 'full') throw queueFull()
    if (asyncOption === 'must') throw queueUnavailable()
  }

  if (isOverLimit && !hasFigures) {
    throw new TraceError(
      'CID_LIMIT_EXCEEDED',
      `container_ids count (${cidCount}) exceeds limit (${settings.eventsCidLimit})`,
      { details: { cid_count: cidCount, limit: settings.eventsCidLimit } },
    )
  }
  if (isShortOfMemory) {
    throw new TraceError('MEMORY_GUARD', 'The server is short of memory; try again later', {
      retryAfterMs: 30_000,
    })
  }
  if (isOverLimit) warn?.(`A defect question of ${cidCount} CIDs is answered at once: no worker is there`)
  return 'now'
}

async function findRoom({
  queue,
  settings,
}: Pick<Deps, 'queue' | 'settings'>): Promise<'free' | 'full' | 'none'> {
  if (!settings.asyncEnabled) return 'none'
  const { workers, waiting } = await queue.health()
  if (workers === 0) return 'none'
  return waiting >= settings.queueLimit ? 'full' : 'free'
}

/** @throws {TraceError} `QUEUE_UNAVAILABLE`, `QUEUE_FULL` */
export async function mustHaveRoom(deps: Pick<TraceDeps, 'queue' | 'settings'>) {
  const room = await findRoom(deps)
  if (room === 'none') throw queueUnavailable()
  if (room === 'full') throw queueFull()
}

function queueFull(): TraceError {
  return new TraceError('QUEUE_FULL', 'Too many jobs are waiting; try again later', { retryAfterMs: 30_000 })
}

function queueUnavailable(): TraceError {
  return new TraceError('QUEUE_UNAVAILABLE', 'No worker is there to run jobs; try again later', {
    retryAfterMs: 30_000,
  })
}
