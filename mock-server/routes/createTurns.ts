/** Resolves when it is the caller's turn. */
export type Turns = () => Promise<void>

/** Streams at a time: about a millisecond's work, and a quarter of the loop's own work for each. */
const AT_ONCE = 4

/**
 * Gives a few of many streams a turn at a time, and everything else the process has to do one in between. A commit wakes
 * all followers of a job at once: two hundred writes of 200 kB in a row would keep whoever asks for a status waiting
 * for 100 ms.
 */
export function createTurns(atOnce = AT_ONCE): Turns {
  let waiting: (() => void)[] = []

  function giveSome() {
    const next = waiting.slice(0, atOnce)
    waiting = waiting.slice(atOnce)
    for (const go of next) go()
    if (waiting.length > 0) setImmediate(giveSome)
  }

  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(giveSome)
    })
}
