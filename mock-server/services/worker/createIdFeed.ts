import { untilAborted } from '../../../src/async/abort.js'

/** A list of ids that grows while others read it. */
export interface IdFeed {
  readonly length: number
  add: (ids: readonly string[]) => void
  /** No more will come. */
  end: () => void
  /**
   * The ids from place `from` on, batch by batch, as they come. The first batch is what is there, so that nobody waits
   * for it to fill, but no more than `mostFirst`; all others but the last are full.
   *
   * @throws `signal.reason` at once on abort
   */
  batches: (from: number, size: number, signal: AbortSignal, mostFirst?: number) => AsyncGenerator<string[]>
}

export function createIdFeed(): IdFeed {
  const ids: string[] = []
  let hasEnded = false
  let wakers: (() => void)[] = []

  function wake() {
    const woken = wakers
    wakers = []
    for (const waker of woken) waker()
  }

  return {
    get length() {
      return ids.length
    },
    add(more) {
      for (const id of more) ids.push(id)
      wake()
    },
    end() {
      hasEnded = true
      wake()
    },
    async *batches(from, size, signal, mostFirst = size) {
      for (let at = from; ;) {
        const least = at === from ? 1 : size
        while (ids.length - at < least && !hasEnded) {
          await untilAborted(signal, new Promise<void>((resolve) => wakers.push(resolve)))
        }
        if (at >= ids.length) return
        const batch = ids.slice(at, at + (at === from ? Math.min(mostFirst, size) : size))
        at += batch.length
        yield batch
      }
    },
  }
}
