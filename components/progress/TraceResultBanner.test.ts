import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { traceStates } from './traceStates.js'
import TraceResultBanner from './TraceResultBanner.vue'

function banner(state: keyof typeof traceStates, locale?: string) {
  return mount(TraceResultBanner, { props: { state: traceStates[state], locale } })
}

describe('TraceResultBanner', () => {
  it('is not there while nothing has ended', () => {
    expect(banner('idle').text()).toBe('')
    expect(banner('running').text()).toBe('')
  })

  it('counts a complete result', () => {
    expect(banner('complete').text()).toContain('All 2,283,412 rows are here.')
    expect(banner('foundNothing').text()).toContain('No lot matches')
  })

  it('says of a complete result how much of what was asked for was not found, and lists it', async () => {
    const found = banner('unmatched')
    expect(found.text()).toContain('All 38,211 rows are here.')
    expect(found.classes()).toContain('trace-banner--complete')
    expect(found.get('summary').text()).toBe('300 of 1,200 not found')
    expect(found.findAll('li')).toHaveLength(300)
    expect(found.get('ul').attributes()).toMatchObject({ tabindex: '0', 'aria-label': 'Values not found' })
    expect(banner('unmatched', 'zh-Hant-TW').get('summary').text()).toBe('1,200 個查詢值中有 300 個查無資料')
    const { unmatched } = traceStates
    const unknown = mount(TraceResultBanner, { props: { state: { ...unmatched, valueCount: null } } })
    expect(unknown.get('summary').text()).toBe('300 values not found')
  })

  it('copies all values that were not found, and says so', async () => {
    // As on a page without TLS: the browser copies what is selected.
    const copies: string[] = []
    const execCommand = () => copies.push([...document.querySelectorAll('textarea')].at(-1)!.value)
    Object.assign(document, { execCommand })
    const found = banner('unmatched')
    await found.get('details button').trigger('click')
    await vi.waitFor(() => expect(found.get('[role="status"]').text()).toBe('Copied'))
    expect(copies).toEqual([traceStates.unmatched.unmatched.values.join('\n')])
    Reflect.deleteProperty(document, 'execCommand')
  })

  it('draws some hundred values of ten thousand, and says that it does', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => `LOT-${i}`)
    const state = { ...traceStates.unmatched, unmatched: { count: 12_000, values }, valueCount: 20_000 }
    const found = mount(TraceResultBanner, { props: { state } })
    expect(found.get('summary').text()).toBe('12,000 of 20,000 not found')
    expect(found.findAll('li')).toHaveLength(500)
    expect(found.text()).toContain('The first 500 are shown.')
  })

  it('says nothing of values that were all found', () => {
    const state = { ...traceStates.unmatched, unmatched: { count: 0, values: [] } }
    expect(mount(TraceResultBanner, { props: { state } }).text()).not.toContain('not found')
  })

  it('names what a partial result lacks, and offers to fetch it', async () => {
    const partial = banner('partial')
    expect(partial.text()).toContain('Missing: materials.')
    expect(partial.text()).toContain('took too long; try again, or narrow the question. SOURCE_TIMEOUT')
    await partial.get('.trace-button--primary').trigger('click')
    expect(partial.emitted('retry')).toHaveLength(1)
  })

  it('says of a result that its question was asked anew', () => {
    const { complete } = traceStates
    const state = { ...complete, jobProgress: { ...complete.jobProgress, isAskedAnew: true } }
    const text = mount(TraceResultBanner, { props: { state } }).text()
    expect(text).toContain('All 2,283,412 rows are here.')
    expect(text).toContain('The server had lost the job')
  })

  it('never calls the rows of a truncated stream all', () => {
    const truncated = banner('truncated')
    expect(truncated.attributes('role')).toBe('alert')
    expect(truncated.text()).toContain('1,034,500 rows that arrived are shown; they are not all.')
    expect(truncated.text()).toContain('STREAM_TRUNCATED')
  })

  it('offers to go on with a job that was left, beside trying again', async () => {
    const stopped = mount(TraceResultBanner, { props: { state: traceStates.aborted, resumable: true } })
    expect(stopped.findAll('button').map((button) => button.text())).toEqual(['Go on watching', 'Try again'])
    await stopped.get('button').trigger('click')
    expect(stopped.emitted('resume')).toHaveLength(1)
  })

  it('says what becomes of a job that is no longer watched', async () => {
    const { aborted } = traceStates
    const stopped = mount(TraceResultBanner, { props: { state: aborted, resumable: true } })
    expect(stopped.text()).toMatch(/^Stopped The job goes on at the server\./)
    const cancelled = { ...aborted, jobProgress: { ...aborted.jobProgress, status: 'cancelled' as const } }
    await stopped.setProps({ state: cancelled, resumable: false })
    expect(stopped.text()).toMatch(/^Stopped The job was cancelled\./)
  })

  it('speaks Traditional Chinese', () => {
    expect(banner('complete', 'zh-Hant-TW').text()).toContain('全部 2,283,412 筆資料已到齊。')
  })

  it('says how old a result is, and how long it is kept', () => {
    vi.useFakeTimers({ now: Date.parse('2026-06-01T08:30:00Z') })
    const now = Date.now() / 1000
    const { complete: state } = traceStates
    const kept = mount(TraceResultBanner, { props: { state, completedAt: now - 300, expiresAt: now + 3300 } })
    expect(kept.text()).toContain('Answered 5 min ago. Kept for another 55 min.')
    const gone = mount(TraceResultBanner, { props: { state, completedAt: now - 300, expiresAt: now - 1 } })
    expect(gone.text()).toContain('No longer kept at the server.')
    kept.unmount()
    gone.unmount()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
})
