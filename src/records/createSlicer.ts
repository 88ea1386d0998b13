/** Cuts long work into slices, so that a page can paint and answer between them. */
export interface Slicer {
  /** Whether the slice is used up. */
  isDue: () => boolean
  /** Lets others work, then begins the next slice. */
  pause: () => Promise<void>
  /** Begins a slice, for whoever has waited for something else. */
  begin: () => void
}

/** @param sliceMs longest slice; the default leaves a 60 Hz page most of each frame */
export function createSlicer(sliceMs = 6): Slicer {
  let begun = performance.now()
  function begin() {
    begun = performance.now()
  }
  return {
    begin,
    isDue: () => performance.now() - begun >= sliceMs,
    async pause() {
      await yieldToOthers()
      begin()
    },
  }
}

/**
 * Runs `work`, letting others work between its steps.
 *
 * @param sliceMs longest the page is blocked at a time
 * @throws `signal.reason` on abort
 */
export async function runInSlices<T>(
  work: Generator<void, T>,
  signal?: AbortSignal,
  sliceMs?: number,
): Promise<T> {
  const slicer = createSlicer(sliceMs)
  for (;;) {
    signal?.throwIfAborted()
    const { done, value } = work.next()
    if (done) return value
    if (slicer.isDue()) await slicer.pause()
  }
}

/**
 * Not `setTimeout`: browsers stretch a nested one to 4 ms, which would be a third of the time. Nor
 * `scheduler.yield()`: its continuations go before all timers, and a stream that never pauses starves them.
 */
function yieldToOthers(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
