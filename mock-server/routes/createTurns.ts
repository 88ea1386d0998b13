/** Resolves when it is the caller's turn. */
export type Turns = () => Promise<void>

/** Streams at a time: about a millisecond's work. */
const AT_ONCE = 4
/**
 * Turns of the event loop from one to the next. The loop accepts one connection in each, so that clients who come at
 * once would wait for seconds if every one of its turns were a stream's.
 */
const LOOP_TURNS = 4

/**
 * Gives a few of many streams a turn at a time, and everything else the process has to do some in between. A commit
 * wakes all followers of a job at once: two hundred writes of 200 kB in a row would keep whoever asks for a status
 * waiting for 100 ms.
 */
export function createTurns(atOnce = AT_ONCE, loopTurns = LOOP_TURNS): Turns {
  let waiting: (() => void)[] = []

  function giveSome() {
    const next = waiting.slice(0, atOnce)
    waiting = waiting.slice(atOnce)
    for (const go of next) go()
    if (waiting.length > 0) afterTurns(loopTurns, giveSome)
  }

  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(giveSome)
    })
}

function afterTurns(count: number, run: () => void) {
  if (count === 0) run()
  else setImmediate(afterTurns, count - 1, run)
}
