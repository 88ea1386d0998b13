import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sleep } from './clock.js'

describe('sleep', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('lasts until the time is over, or the signal aborts, and leaves no timer', async () => {
    const controller = new AbortController()
    const slept = sleep(1_000, controller.signal)
    await vi.advanceTimersByTimeAsync(1_000)
    await slept
    const woken = sleep(1_000, controller.signal)
    controller.abort('enough')
    await expect(woken).rejects.toBe('enough')
    await expect(sleep(1, controller.signal)).rejects.toBe('enough')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on when the time is longer than a timer can hold', async () => {
    const controller = new AbortController()
    let isOver = false
    const slept = sleep(2 ** 31, controller.signal).then(
      () => (isOver = true),
      () => {},
    )
    await vi.advanceTimersByTimeAsync(60_000)
    expect(isOver).toBe(false)
    controller.abort()
    await slept
  })
})
