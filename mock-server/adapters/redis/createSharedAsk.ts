/**
 * Gives one answer to all questions for the same thing in the same turn of the event loop. Not to later ones: a
 * connection answers in order, so an answer that was asked for in this turn is newer than everything known by now. An
 * answer that was asked for earlier may not be.
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
