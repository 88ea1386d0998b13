/** Lets many wait for changes of things that lie elsewhere. */
export interface ChangeFeed<Version> {
  /** Resolves when `key` is no longer the `same`, or `signal` aborts; never rejects. */
  changed: (key: string, isSame: (version: Version) => boolean, signal: AbortSignal) => Promise<void>
  /** A sign that `key` has changed. */
  notify: (key: string) => void
  /** Wakes all waiters; later ones do not wait. */
  close: () => void
}

interface Waiter<Version> {
  isSame: (version: Version) => boolean
  wake: () => void
}

/** Waiters woken in one turn of the event loop. */
const WOKEN_AT_ONCE = 8

/**
 * Signs come by `notify` and, since a message can be lost, from reading every `pollEveryMs`. Each key is read by
 * one at a time, however many wait for it. Waiters also wake when reading fails; they will see why when they read
 * themselves. Many wake a few at a time, so that whatever else the process has to do is done in between: two hundred
 * followers of one job would otherwise go every step to its new rows together, and hold the loop at each.
 *
 * @param pollEveryMs default 1 s
 */
export function createChangeFeed<Version>(
  read: (key: string) => Promise<Version>,
  pollEveryMs = 1_000,
): ChangeFeed<Version> {
  const waiting = new Map<string, Set<Waiter<Version>>>()
  /** Keys that are being read, and whether somebody has asked since. */
  const looking = new Map<string, boolean>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false

  function wake(key: string, isAwake: (waiter: Waiter<Version>) => boolean) {
    wakeSome([...(waiting.get(key) ?? [])].filter(isAwake))
  }

  function wakeSome(waiters: readonly Waiter<Version>[]) {
    for (const waiter of waiters.slice(0, WOKEN_AT_ONCE)) waiter.wake()
    if (waiters.length > WOKEN_AT_ONCE) setImmediate(wakeSome, waiters.slice(WOKEN_AT_ONCE))
  }

  /** Reads `key` after this moment. When it is being read already, it is read once more after that. */
  async function look(key: string) {
    if (looking.has(key)) {
      looking.set(key, true)
      return
    }
    do {
      looking.set(key, false)
      try {
        const version = await read(key)
        wake(key, ({ isSame }) => !isSame(version))
      } catch {
        wake(key, () => true)
      }
    } while (looking.get(key) && waiting.has(key))
    looking.delete(key)
  }

  function schedule() {
    if (timer !== undefined || waiting.size === 0) return
    timer = setTimeout(() => {
      void Promise.all([...waiting.keys()].map(look)).then(() => {
        timer = undefined
        schedule()
      })
    }, pollEveryMs)
  }

  return {
    changed(key, isSame, signal) {
      if (isClosed || signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const waiter: Waiter<Version> = {
          isSame,
          wake() {
            const waiters = waiting.get(key)
            waiters?.delete(waiter)
            if (waiters?.size === 0) waiting.delete(key)
            signal.removeEventListener('abort', waiter.wake)
            resolve()
          },
        }
        const waiters = waiting.get(key) ?? new Set()
        waiting.set(key, waiters.add(waiter))
        signal.addEventListener('abort', waiter.wake)
        schedule()
        // Read once the waiter stands, so that a change in between is not missed.
        void look(key)
      })
    },
    notify: (key) => wake(key, () => true),
    close() {
      isClosed = true
      clearTimeout(timer)
      for (const key of [...waiting.keys()]) wake(key, () => true)
    },
  }
}
