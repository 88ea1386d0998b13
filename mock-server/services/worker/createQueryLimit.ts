/** The queries of one job that its source works on: so many at most, over all stages and domains together. */
export interface QueryLimit {
  /**
   * Waits for a turn. Of those that wait, the stream that has had the fewest comes first: the first rows of a domain
   * wait for no more than one answer, however many batches of lineage are ahead of them.
   *
   * @param stream what the query is of: a stage or a domain
   * @returns ends the turn; to be called once the query is over
   * @throws `signal.reason` at once on abort
   */
  begin: (stream: string, signal: AbortSignal) => Promise<() => void>
}

export function createQueryLimit(mostAtOnce: number): QueryLimit {
  const turns = new Map<string, number>()
  const waiting: { stream: string; start: () => void }[] = []
  let underWay = 0

  const turnsOf = (stream: string) => turns.get(stream) ?? 0

  function startNext() {
    while (underWay < mostAtOnce && waiting.length > 0) {
      const next = waiting.reduce((a, b) => (turnsOf(b.stream) < turnsOf(a.stream) ? b : a))
      waiting.splice(waiting.indexOf(next), 1)
      turns.set(next.stream, turnsOf(next.stream) + 1)
      underWay++
      next.start()
    }
  }

  return {
    async begin(stream, signal) {
      signal.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        const turn = { stream, start }
        function start() {
          signal.removeEventListener('abort', leave)
          resolve()
        }
        function leave() {
          waiting.splice(waiting.indexOf(turn), 1)
          reject(signal.reason)
        }
        waiting.push(turn)
        signal.addEventListener('abort', leave)
        startNext()
      })
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        underWay--
        startNext()
      }
    },
  }
}
