import { describe, expect, it } from 'vitest'
import { createSlices } from './slices.js'

/** A clock on which each look takes a millisecond, and what was done on it, in order. */
function setUp() {
  let now = 0
  const seen: string[] = []
  const slices = createSlices({
    now: () => 0,
    monotonic: () => now++,
    sleep: async () => {
      await new Promise((resolve) => setTimeout(resolve))
      seen.push('others')
    },
  })
  function* work(name: string, steps: number): Generator<void, string> {
    for (let step = 0; step < steps; step++) {
      seen.push(name)
      yield
    }
    return name
  }
  return { seen, slices, work }
}

/** How many entries come before others have the thread, at most. */
function longestRun(seen: readonly string[]): number {
  return Math.max(
    ...seen
      .join(' ')
      .split('others')
      .map((run) => run.trim().split(' ').length),
  )
}

describe('slices', () => {
  it('let others have the thread again and again while a long work runs', async () => {
    const { seen, slices, work } = setUp()
    expect(await slices.run(work('a', 100))).toBe('a')
    expect(seen.filter((entry) => entry === 'a')).toHaveLength(100)
    expect(longestRun(seen)).toBeLessThan(10)
  })

  it('run one long work at a time, so that they do not add up', async () => {
    const { seen, slices, work } = setUp()
    expect(await Promise.all(['a', 'b', 'c'].map((name) => slices.run(work(name, 50))))).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(longestRun(seen)).toBeLessThan(10)
    // Each begins at once; what is left of them comes one after the other.
    const ends = ['a', 'b', 'c'].map((name) => seen.lastIndexOf(name))
    expect(ends).toEqual([...ends].sort((a, b) => a - b))
    expect(seen.slice(ends[0]! + 1)).not.toContain('a')
    expect(seen.slice(ends[0]! + 1, ends[1]!)).not.toContain('c')
  })

  it('go on with the next work when one fails', async () => {
    const { slices, work } = setUp()
    const failing = (function* () {
      yield* work('a', 50)
      throw new Error('broken')
    })()
    const outcome = expect(slices.run(failing)).rejects.toThrow('broken')
    expect(await slices.run(work('b', 50))).toBe('b')
    await outcome
  })

  it('are one slice, however many short works come at once', async () => {
    const { seen, slices, work } = setUp()
    for (let n = 0; n < 50; n++) await slices.run(work('a', 2))
    expect(longestRun(seen)).toBeLessThan(15)
  })
})
