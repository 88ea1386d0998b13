/**
 * Gives all who ask for the same thing at the same time one answer. Nobody is given what was true before something
 * they did themselves: one connection answers in the order it was asked in, so what was on its way before their
 * change has arrived by the time they know of it.
 */
export function createSharedAsk<T>() {
  const onTheirWay = new Map<string, Promise<T>>()

  return function ask(key: string, run: () => Promise<T>): Promise<T> {
    const known = onTheirWay.get(key)
    if (known) return known
    const answer = run().finally(() => onTheirWay.delete(key))
    onTheirWay.set(key, answer)
    return answer
  }
}
