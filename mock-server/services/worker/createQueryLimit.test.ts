import { describe, expect, it } from 'vitest'
import { createQueryLimit } from './createQueryLimit.js'

const NEVER = new AbortController().signal

/** Asks for a turn; says which streams have begun, in order. */
function setUp(mostAtOnce: number) {
  const limit = createQueryLimit(mostAtOnce)
  const begun: string[] = []
  const ends: (() => void)[] = []
  const ask = (stream: string, signal = NEVER) =>
    limit.begin(stream, signal).then((end) => {
      begun.push(stream)
      ends.push(end)
    })
  async function endOne() {
    ends.shift()!()
    await new Promise((resolve) => setTimeout(resolve))
  }
  return { ask, begun, endOne }
}

describe('a limit of queries', () => {
  it('lets so many begin at once, over all streams together', async () => {
    const { ask, begun, endOne } = setUp(2)
    for (const stream of ['a', 'b', 'c']) void ask(stream)
    await settled()
    expect(begun).toEqual(['a', 'b'])
    await endOne()
    expect(begun).toEqual(['a', 'b', 'c'])
  })

  it('gives the next turn to the stream that has had the fewest, and its queries in order', async () => {
    const { ask, begun, endOne } = setUp(1)
    for (const stream of ['lineage', 'lineage', 'lineage', 'history']) void ask(stream)
    await settled()
    for (let i = 0; i < 3; i++) await endOne()
    expect(begun).toEqual(['lineage', 'history', 'lineage', 'lineage'])
  })

  it('forgets those that wait when they are aborted, and counts an end once', async () => {
    const { ask, begun, endOne } = setUp(1)
    const controller = new AbortController()
    void ask('a')
    const waiting = ask('b', controller.signal)
    void ask('c')
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(ask('d', controller.signal)).rejects.toThrow('enough')
    await endOne()
    expect(begun).toEqual(['a', 'c'])
  })
})

function settled() {
  return new Promise((resolve) => setTimeout(resolve))
}
