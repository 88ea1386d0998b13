import { linkSignal } from '../../../src/async/abort.js'
import { createNotifier, type Notifier } from '../../../src/async/notifier.js'

export interface ReadAheadOptions {
  /** Most readings under way at a time, the one being consumed included. */
  inFlight: number
  /** Most held of the readings ahead, in the length of their pages. The one being consumed always gets its next page, or it would wait for itself. */
  maxHeld: number
  /** Waits until a reading may begin; what it gives is called once the reading is over. Default: it may at once. */
  begin?: (signal: AbortSignal) => Promise<() => void>
  signal: AbortSignal
}

/** The pages of one task, in its turn. */
export interface Reading<TTask, TPage> {
  task: TTask
  pages: AsyncIterable<TPage>
}

/** A reading under way: its pages wait here for their turn. */
interface Ahead<TTask, TPage> {
  task: TTask
  pages: TPage[]
  /** Set when no page will come any more. */
  end: { cause?: unknown } | null
  /** Wakes the pump when there may be room. */
  room: Notifier
}

/**
 * Reads several tasks side by side and gives their pages in the order of the tasks: what a source takes to answer is
 * waited for once for several queries, not once for each. A task that fails does so in its turn. When the consumer
 * leaves, or `signal` aborts, everything under way is aborted.
 *
 * @param tasks may come slowly: those that are there do not wait for the next; its signal aborts with the reading
 * @param open begins a task; its signal aborts with the reading
 */
export async function* readAhead<TTask, TPage extends { readonly length: number }>(
  tasks: (signal: AbortSignal) => AsyncIterable<TTask>,
  open: (task: TTask, signal: AbortSignal) => AsyncIterable<TPage>,
  { inFlight, maxHeld, begin = atOnce, signal }: ReadAheadOptions,
): AsyncGenerator<Reading<TTask, TPage>> {
  const link = linkSignal(signal)
  const arrived = createNotifier()
  const ahead: Ahead<TTask, TPage>[] = []
  let held = 0

  function wakeAll() {
    for (const { room } of ahead) room.notify()
  }

  function mayRead(reading: Ahead<TTask, TPage>): boolean {
    return held < maxHeld || (reading === ahead[0] && reading.pages.length === 0)
  }

  async function pump(reading: Ahead<TTask, TPage>) {
    let over = () => {}
    try {
      over = await begin(link.signal)
      link.signal.throwIfAborted()
      for await (const page of open(reading.task, link.signal)) {
        reading.pages.push(page)
        held += page.length
        arrived.notify()
        while (!mayRead(reading)) await reading.room.notified(link.signal)
        link.signal.throwIfAborted()
      }
      reading.end = {}
    } catch (cause) {
      reading.end = { cause }
    }
    over()
    arrived.notify()
  }

  async function* pagesOf(reading: Ahead<TTask, TPage>): AsyncGenerator<TPage> {
    for (;;) {
      const page = reading.pages.shift()
      if (page) {
        held -= page.length
        wakeAll()
        yield page
      } else if (reading.end) {
        if ('cause' in reading.end) throw reading.end.cause
        return
      } else {
        await arrived.notified(link.signal)
      }
    }
  }

  const pumps = new Set<Promise<void>>()
  /** Set when no task will come any more. */
  let tasksEnd = null as { cause?: unknown } | null
  const begun = createNotifier()
  const left = createNotifier()

  async function beginReadings() {
    try {
      for await (const task of tasks(link.signal)) {
        const reading: Ahead<TTask, TPage> = { task, pages: [], end: null, room: createNotifier() }
        ahead.push(reading)
        const pumping = pump(reading).finally(() => pumps.delete(pumping))
        pumps.add(pumping)
        begun.notify()
        while (ahead.length >= inFlight) await left.notified(link.signal)
        link.signal.throwIfAborted()
      }
      tasksEnd = {}
    } catch (cause) {
      tasksEnd = { cause }
    }
    begun.notify()
  }

  const beginning = beginReadings()
  try {
    for (;;) {
      const reading = ahead[0]
      if (reading) {
        yield { task: reading.task, pages: pagesOf(reading) }
        // Pages that the consumer has left out count no more.
        for (const page of reading.pages) held -= page.length
        ahead.shift()
        left.notify()
        wakeAll()
      } else if (tasksEnd) {
        if ('cause' in tasksEnd) throw tasksEnd.cause
        return
      } else {
        await begun.notified(link.signal)
      }
    }
  } finally {
    link.abort(new DOMException('The reading has ended', 'AbortError'))
    await Promise.all([beginning, ...pumps])
    link.unlink()
  }
}

async function atOnce() {
  return () => {}
}
