/**
 * Gives all who ask for the same thing in the same turn of the event loop one answer. No later: one connection answers
 * in the order it was asked in, so an answer that was asked for in this turn is newer than everything anybody can know
 * by now, and one that was asked for earlier may not be.
 */
export function createSharedAsk<T>() {
  const askedNow = new Map<string, Promise<T>>()

  return function ask(key: string, run: () => Promise<T>): Promise<T> {
    const known = askedNow.get(key)
    if (known) return known
    const answer = run()
    askedNow.set(key, answer)
    setImmediate(() => askedNow.delete(key))
    return answer
  }
}
