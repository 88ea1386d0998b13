import { afterEach, describe, expect, it, vi } from 'vitest'
import { closeSource } from './closeSource.js'
import { checkSource } from './services/source/checkSource.js'

const source = (close?: () => Promise<void>) =>
  checkSource({
    describe: () => ({
      profiles: [{ name: 'downtime', stages: ['events'], domains: ['stops'] }],
      domains: [{ name: 'stops', columns: [] }],
    }),
    async *rows() {},
    close,
  })

afterEach(() => void vi.useRealTimers())

describe('closing a source', () => {
  it('says nothing when it is closed, or needs no closing, and leaves no timer', async () => {
    vi.useFakeTimers()
    const warn = vi.fn()
    const close = vi.fn(async () => {})
    await closeSource(source(close), warn)
    await closeSource(source(), warn)
    expect(close).toHaveBeenCalledOnce()
    expect(warn).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that fails is a warning, and not the end of its job', async () => {
    const warn = vi.fn()
    await closeSource(
      source(async () => {
        throw new Error('the pool is gone')
      }),
      warn,
    )
    expect(warn).toHaveBeenCalledExactlyOnceWith('The source was not closed: Error: the pool is gone')
  })

  it('that never ends holds its process for seconds alone', async () => {
    vi.useFakeTimers()
    const warn = vi.fn()
    const closing = closeSource(
      source(() => new Promise(() => {})),
      warn,
    )
    await vi.runAllTimersAsync()
    await closing
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      'The source was not closed: Error: close() takes longer than 5 s',
    )
  })
})
