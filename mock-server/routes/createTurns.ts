/** Resolves when it is the caller's turn. */
export type Turns = () => Promise<void>

/**
 * Gives one of many streams a turn at a time, and everything else the process has to do one between any two. A commit
 * wakes all followers of a job at once: two hundred writes of 200 kB in a row would keep whoever asks for a status
 * waiting for 100 ms.
 */
export function createTurns(): Turns {
  const waiting: (() => void)[] = []

  function giveOne() {
    waiting.shift()?.()
    if (waiting.length > 0) setImmediate(giveOne)
  }

  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(giveOne)
    })
}
