import type { Clock } from './clock.js'

/** Cuts a long loop into slices, so that a page can paint and answer between them. */
export interface Slicer {
  /** Whether the slice, or this share of it, is used up. */
  isDue: (share?: number) => boolean
  /** Lets others work, then begins the next slice. */
  pause: () => Promise<void>
  /** Begins a slice. To be called after a wait for something else, in which others have worked. */
  begin: () => void
}

export interface SliceOptions {
  signal?: AbortSignal
  /** Longest the page is blocked at a time, in ms; default 6, which leaves a 60 Hz page most of each frame. */
  sliceMs?: number
}

export interface MeasuredSliceOptions extends SliceOptions {
  /** Measures the slices; default: the machine's own. */
  clock?: Pick<Clock, 'monotonic'>
}

/** The part of `systemClock` that is needed: the whole costs a bundle 100 bytes. */
const MACHINE = { monotonic: () => performance.now() }

export function createSlicer({
  sliceMs = 6,
  clock = MACHINE,
}: Omit<MeasuredSliceOptions, 'signal'> = {}): Slicer {
  let begun = clock.monotonic()
  function begin() {
    begun = clock.monotonic()
  }
  return {
    begin,
    isDue: (share = 1) => clock.monotonic() - begun >= sliceMs * share,
    async pause() {
      await yieldToOthers()
      begin()
    },
  }
}

/**
 * Runs `work` to its end, letting others work between its steps. After a work that has used half of a slice they have
 * the rest of it: between 10,000 seeds and the next request there are four works of less than a slice each, which were
 * 39 ms in one task.
 *
 * @throws `signal.reason` on abort
 */
export async function runInSlices<T>(
  work: Generator<void, T>,
  { signal, ...options }: MeasuredSliceOptions = {},
): Promise<T> {
  const slicer = createSlicer(options)
  for (;;) {
    signal?.throwIfAborted()
    const step = work.next()
    if (slicer.isDue(step.done ? 0.5 : 1)) await slicer.pause()
    if (step.done) return step.value
  }
}

/** Runs `work` to its end in one go. */
export function runAtOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
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

/** Lets all long works of a server, and everything else that it has to do, have the thread in turn. */
export interface Slices {
  /** Runs `work` to its end. Of several long works one runs at a time, so that their slices do not add up. */
  run: <T>(work: Generator<void, T>) => Promise<T>
  /** To be called between the parts of a longer work: lets others have the thread when it is their turn. */
  breathe: () => Promise<void>
}

/** Longest slice of a server, in ms. */
const SERVER_MS = 8

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
    return clock.monotonic() - beganMs >= SERVER_MS
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

/** For a thread or process that has nothing else to do. */
export const UNSLICED: Slices = {
  run: async (work) => runAtOnce(work),
  breathe: async () => {},
}
