import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { traceStates } from './traceStates.js'
import TraceJobPanel from './TraceJobPanel.vue'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function buttonsFor(state: keyof typeof traceStates, resumable = false) {
  const panel = mount(TraceJobPanel, { props: { state: traceStates[state], resumable } })
  return panel.findAll('button').map((button) => button.text())
}

describe('TraceJobPanel', () => {
  it('offers what applies to each state', () => {
    expect(buttonsFor('idle')).toEqual([])
    expect(buttonsFor('resolving')).toEqual(['Stop watching'])
    expect(buttonsFor('running')).toEqual(['Stop watching', 'Cancel job'])
    expect(buttonsFor('complete')).toEqual([])
    expect(buttonsFor('partial')).toEqual(['Try again'])
    expect(buttonsFor('aborted', true)).toEqual(['Go on watching', 'Try again'])
  })

  it('tells its wishes to the page', async () => {
    const panel = mount(TraceJobPanel, { props: { state: traceStates.running } })
    for (const button of panel.findAll('button')) await button.trigger('click')
    expect(panel.emitted()).toMatchObject({ abort: [[]], cancel: [[]] })
  })

  it('says that a quiet job is alive, until something comes', async () => {
    const panel = mount(TraceJobPanel, { props: { state: traceStates.running } })
    vi.advanceTimersByTime(40_000)
    await panel.vm.$nextTick()
    expect(panel.text()).toContain('no new data for 40 sec')

    const { jobProgress } = traceStates.running
    await panel.setProps({
      state: { ...traceStates.running, jobProgress: { ...jobProgress, rowsLoaded: 1_040_000 } },
    })
    expect(panel.text()).not.toContain('no new data')
    panel.unmount()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('shows the place in the queue, counted from one', () => {
    expect(mount(TraceJobPanel, { props: { state: traceStates.queued } }).text()).toContain(
      'Place in the queue3',
    )
  })

  it('says why nothing comes while the connection is lost', () => {
    expect(mount(TraceJobPanel, { props: { state: traceStates.reconnecting } }).text()).toContain(
      'trying again',
    )
  })
})
