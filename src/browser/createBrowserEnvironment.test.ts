import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBrowserEnvironment } from './createBrowserEnvironment.js'

describe('createBrowserEnvironment', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })

  it.each([
    [undefined, 'http://localhost:3000/'],
    ['/mes', 'http://localhost:3000/mes'],
    ['https://trace.test/api-root/', 'https://trace.test/api-root/'],
  ])('takes %s as of the page', (baseUrl, expected) => {
    expect(createBrowserEnvironment({ baseUrl }).baseUrl).toBe(expected)
  })

  it('measures durations by a clock that cannot be set', () => {
    const environment = createBrowserEnvironment()
    const before = environment.monotonic()
    vi.setSystemTime(Date.now() - 3_600_000)
    vi.advanceTimersByTime(1_000)
    expect(environment.monotonic() - before).toBeCloseTo(1_000, 0)
  })

  it('tells of visibility and network until it is told to stop', () => {
    const environment = createBrowserEnvironment()
    const listener = vi.fn()
    const stops = [environment.onVisibilityChange(listener), environment.onOnline(listener)]
    document.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(new Event('online'))
    expect(listener).toHaveBeenCalledTimes(2)
    for (const stop of stops) stop()
    document.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(new Event('online'))
    expect(listener).toHaveBeenCalledTimes(2)
  })

  it('knows whether the page is hidden or offline', () => {
    const environment = createBrowserEnvironment()
    expect([environment.isHidden(), environment.isOnline()]).toEqual([false, true])
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    expect([environment.isHidden(), environment.isOnline()]).toEqual([true, false])
  })

  it('can be made and asked where there is no window', () => {
    for (const name of ['window', 'document', 'location', 'navigator']) vi.stubGlobal(name, undefined)
    const environment = createBrowserEnvironment()
    expect(environment.baseUrl).toBe('http://localhost/')
    expect([environment.isHidden(), environment.isOnline()]).toEqual([false, true])
    environment.onVisibilityChange(() => {})()
    environment.onOnline(() => {})()
  })
})
