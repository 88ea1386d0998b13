import { describe, expect, it, vi } from 'vitest'
import { sleep } from './clock.js'

describe('sleep', () => {
  it('rejects with the reason of an abort, at once, and leaves no timer', async () => {
    vi.useFakeTimers()
    try {
      const controller = new AbortController()
      const slept = sleep(1_000, controller.signal)
      controller.abort('enough')
      await expect(slept).rejects.toBe('enough')
      await expect(sleep(1_000, controller.signal)).rejects.toBe('enough')
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
