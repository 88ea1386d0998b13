import { describe, expect, it } from 'vitest'
import { createIdFeed } from './createIdFeed.js'

const NEVER = new AbortController().signal

describe('a feed of ids', () => {
  it('gives the first batch as soon as there is one, then full ones, and the rest at the end', async () => {
    const feed = createIdFeed()
    const seen: string[][] = []
    const reading = (async () => {
      for await (const batch of feed.batches(0, 3, NEVER)) seen.push(batch)
    })()
    const settle = () => new Promise((resolve) => setTimeout(resolve))
    feed.add(['a'])
    await settle()
    expect(seen).toEqual([['a']])
    feed.add(['b', 'c'])
    await settle()
    expect(seen).toHaveLength(1)
    feed.add(['d', 'e'])
    await settle()
    expect(seen.at(-1)).toEqual(['b', 'c', 'd'])
    feed.end()
    await reading
    expect(seen).toEqual([['a'], ['b', 'c', 'd'], ['e']])
    expect(feed.length).toBe(5)
  })

  it('gives several readers all of it, each from its place on', async () => {
    const feed = createIdFeed()
    const read = async (from: number) => {
      const ids: string[] = []
      for await (const batch of feed.batches(from, 2, NEVER)) ids.push(...batch)
      return ids
    }
    const reading = Promise.all([read(0), read(2), read(9)])
    feed.add(['a', 'b', 'c'])
    feed.end()
    expect(await reading).toEqual([['a', 'b', 'c'], ['c'], []])
  })

  it('lets a reader go on abort', async () => {
    const controller = new AbortController()
    const next = createIdFeed().batches(0, 2, controller.signal).next()
    controller.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
  })
})
