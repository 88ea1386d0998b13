import { sleep } from '../../../src/async/clock.js'

/** Longest work between two pages of an answer without letting others have the thread, in ms. */
const BUSY_MS = 8

/**
 * For loops that may be long: gives something to wait for when others who share the thread should have a turn. Ids of a
 * thousand families, which are made one by one, are seconds of work.
 */
export function createBreather(signal: AbortSignal): () => Promise<void> | undefined {
  let sinceMs = performance.now()
  return () => {
    if (performance.now() - sinceMs < BUSY_MS) return undefined
    return sleep(0, signal).then(() => {
      sinceMs = performance.now()
    })
  }
}
