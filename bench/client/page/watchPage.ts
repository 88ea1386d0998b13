/** What the main thread did while something ran. */
export interface PageTrace {
  /** Tasks over 50 ms, in ms. */
  longTasks: number[]
  /** Longest time between two frames, in ms. */
  longestFrameGap: number
}

/** Watches long tasks and frames until `stop`. */
export function watchPage(): { stop: () => Promise<PageTrace> } {
  const longTasks: number[] = []
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) longTasks.push(Math.round(entry.duration))
  })
  observer.observe({ type: 'longtask' })
  let longestFrameGap = 0
  let last = performance.now()
  let isOver = false

  function onFrame(now: number) {
    longestFrameGap = Math.max(longestFrameGap, now - last)
    last = now
    if (!isOver) requestAnimationFrame(onFrame)
  }
  requestAnimationFrame(onFrame)

  return {
    async stop() {
      isOver = true
      // Entries come after their task.
      await new Promise((resolve) => setTimeout(resolve, 200))
      observer.disconnect()
      return { longTasks, longestFrameGap: Math.round(longestFrameGap) }
    },
  }
}
