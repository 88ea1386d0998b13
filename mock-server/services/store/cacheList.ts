import { isTraceError } from '../../../src/errors.js'
import type { StoredChunk } from '../../ports/index.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'

/** Keeps an answer for later callers. A store that is full or away is no reason to fail. */
export async function cacheList(
  { store, settings, warn }: Pick<TraceDeps, 'store' | 'settings' | 'warn'>,
  key: string,
  chunks: Iterable<StoredChunk> | AsyncIterable<StoredChunk>,
) {
  if (settings.cacheTtlSeconds <= 0) return
  try {
    await store.put(key, chunks, settings.cacheTtlSeconds)
  } catch (cause) {
    if (!isTraceError(cause)) throw cause
    warn?.(`An answer was not cached: ${cause.message}`)
  }
}
