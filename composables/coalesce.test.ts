import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBrowserEnvironment } from '../src/browser/createBrowserEnvironment.js'
import { createCoalescer } from './coalesce.js'

function setUp() {
  const environment = createBrowserEnvironment()
  const publishedAt: number[] = []
  const begun = environment.now()
  const frame = createCoalescer(() => publishedAt.push(environment.now() - begun), environment)
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
  return { frame, publishedAt, pass }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('createCoalescer', () => {
  it('publishes what comes first without delay, but not in the task that brings it', async () => {
    const { frame, publishedAt, pass } = setUp()
    frame.soon()
    expect(publishedAt).toEqual([])
    await pass(1)
    expect(publishedAt).toEqual([0])
  })

  it('publishes many changes as one, 50 ms after the last publication', async () => {
    const { frame, publishedAt, pass } = setUp()
    frame.now()
    for (let i = 0; i < 4; i++) {
      await pass(10)
      frame.soon()
    }
    await pass(100)
    expect(publishedAt).toEqual([0, 50])
  })

  it('publishes now in place of later, and nothing once it is stopped', async () => {
    const { frame, publishedAt, pass } = setUp()
    frame.soon()
    frame.now()
    await pass(100)
    expect(publishedAt).toEqual([0])
    frame.soon()
    frame.stop()
    await pass(100)
    expect(publishedAt).toEqual([0])
  })
})
