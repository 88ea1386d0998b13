import { untilAborted } from './abort.js'

/** Tells one waiter that something has changed. It does not say what: the waiter looks. */
export interface Notifier {
  notify: () => void
  /**
   * Resolves with the next `notify`. Only the last call is told.
   *
   * @throws `signal.reason` at once on abort
   */
  notified: (signal?: AbortSignal) => Promise<void>
}

export function createNotifier(): Notifier {
  let wake = () => {}
  return {
    notify: () => wake(),
    notified: (signal) => untilAborted(signal, new Promise((resolve) => (wake = resolve))),
  }
}
