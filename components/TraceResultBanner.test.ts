import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
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

  it('names what a partial result lacks, and offers to fetch it', async () => {
    const partial = banner('partial')
    expect(partial.text()).toContain('Missing: materials.')
    await partial.get('.trace-button--primary').trigger('click')
    expect(partial.emitted('retry')).toHaveLength(1)
  })

  it('never calls the rows of a truncated stream all', () => {
    const truncated = banner('truncated')
    expect(truncated.attributes('role')).toBe('alert')
    expect(truncated.text()).toContain('1,034,500 rows that arrived are shown; they are not all.')
    expect(truncated.text()).toContain('STREAM_TRUNCATED')
  })

  it('speaks Traditional Chinese', () => {
    expect(banner('complete', 'zh-Hant-TW').text()).toContain('全部 2,283,412 筆資料已到齊。')
  })
})
