import type { Clock } from '../../mock-server/ports/index.js'

/** Lets long work and everything else a process has to do have the thread in turn. */
export interface Slices {
  /** Runs `work` to its end. Of several long works one runs at a time, so that their slices do not add up. */
  run: <T>(work: Generator<void, T>) => Promise<T>
  /** Called between the parts of a longer work: lets others have the thread when it is their turn. */
  breathe: () => Promise<void>
}

/** Longest work of one slice, in ms. */
const SLICE_MS = 8

export function createSlices(clock: Clock): Slices {
  /** When what runs now began to; `null` once others have had the thread. */
  let beganMs: number | null = null
  let last: Promise<unknown> = Promise.resolve()

  function isOver(): boolean {
    if (beganMs === null) {
      beganMs = clock.monotonic()
      void clock.sleep(0).then(() => {
        beganMs = null
      })
    }
    return clock.monotonic() - beganMs >= SLICE_MS
  }

  /** Works until the slice is over, or the end is reached. */
  function slice<T>(work: Generator<void, T>): IteratorResult<void, T> {
    for (;;) {
      const step = work.next()
      if (step.done || isOver()) return step
    }
  }

  async function breathe() {
    if (isOver()) await clock.sleep(0)
  }

  async function finish<T>(work: Generator<void, T>): Promise<T> {
    for (;;) {
      await breathe()
      const step = slice(work)
      if (step.done) return step.value
    }
  }

  return {
    async run(work) {
      await breathe()
      const step = slice(work)
      if (step.done) return step.value
      const result = last.then(() => finish(work))
      last = result.catch(() => {})
      return result
    },
    breathe,
  }
}

/** Runs `work` to its end in one go. */
export function runAtOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/** For a thread or process that has nothing else to do. */
export const UNSLICED: Slices = {
  run: async (work) => runAtOnce(work),
  breathe: async () => {},
}
