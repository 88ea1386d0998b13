import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { traceStates } from './traceStates.js'
import TraceJobPanel from './TraceJobPanel.vue'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function buttonsFor(state: keyof typeof traceStates, resumable = false) {
  const panel = mount(TraceJobPanel, { props: { state: traceStates[state], resumable } })
  return panel.findAll('button').map((button) => button.text())
}

function factsOf(panel: VueWrapper): Record<string, string> {
  return Object.fromEntries(
    panel.findAll('dl > div').map((fact) => [fact.get('dt').text(), fact.get('dd').text()]),
  )
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

  it('keeps the keyboard where it was when a pressed button goes', async () => {
    const panel = mount(TraceJobPanel, { props: { state: traceStates.running }, attachTo: document.body })
    panel.findAll('button')[1]!.element.focus()
    await panel.setProps({ state: traceStates.aborted, resumable: true })
    expect(document.activeElement?.textContent.trim()).toBe('Go on watching')
    await panel.setProps({ state: traceStates.complete, resumable: false })
    expect(document.activeElement).toBe(panel.element)
    panel.unmount()
  })

  it('gives its foot to the page', () => {
    const slots = { foot: '<p>the outcome</p>' }
    const panel = mount(TraceJobPanel, { props: { state: traceStates.aborted }, slots })
    expect(panel.text()).toContain('the outcome')
    expect(panel.findAll('button')).toEqual([])
  })

  it('shows containers and rows done, of how many where that is known', () => {
    const facts = factsOf(mount(TraceJobPanel, { props: { state: traceStates.running } }))
    expect(facts).toMatchObject({
      Phase: 'Fetching the events · upstream_history',
      Containers: '103,000 of 114,002',
      Rows: '1,034,500',
      'Time left': '8 sec',
    })
    expect(factsOf(mount(TraceJobPanel, { props: { state: traceStates.complete } }))).toMatchObject({
      Containers: '114,002 of 114,002',
      Rows: '2,283,412 of 2,283,412',
      'Time left': '–',
    })
  })

  it('measures how fast rows arrive, and those of before do not count', async () => {
    const panel = mount(TraceJobPanel, { props: { state: traceStates.running } })
    for (const rowsLoaded of [1_035_500, 1_036_500]) {
      const jobProgress = { ...traceStates.running.jobProgress, rowsLoaded }
      await panel.setProps({ state: { ...traceStates.running, jobProgress } })
      vi.advanceTimersByTime(1000)
    }
    await panel.vm.$nextTick()
    expect(factsOf(panel)['Rows/s']).toBe('1,000')
    panel.unmount()
  })

  it('tells how fast the server is while no row has come', () => {
    const jobProgress = { ...traceStates.running.jobProgress, rowsLoaded: 0 }
    const panel = mount(TraceJobPanel, { props: { state: { ...traceStates.running, jobProgress } } })
    expect(factsOf(panel)['Rows/s']).toBe('161,640')
  })

  it('counts the time of a job that was taken up again from its beginning, and keeps it at the end', async () => {
    const panel = mount(TraceJobPanel, { props: { state: traceStates.resumed } })
    vi.advanceTimersByTime(2000)
    await panel.setProps({ state: traceStates.complete })
    expect(factsOf(panel).Elapsed).toBe('1 min 37 sec')
    panel.unmount()
  })

  it('counts the seeds whose lineage is traced', () => {
    const panel = mount(TraceJobPanel, { props: { state: traceStates.tracingInJob } })
    expect(factsOf(panel)).toMatchObject({
      Phase: 'Tracing the lineage · 31,000 of 57,012 seeds',
      Containers: '–',
      Rows: '1,034,500',
      'Time left': '8 sec',
    })
  })

  it('shows the place in the queue, counted from one', () => {
    expect(mount(TraceJobPanel, { props: { state: traceStates.queued } }).text()).toContain('In queue3')
  })

  it('says why nothing comes while the connection is lost', () => {
    expect(mount(TraceJobPanel, { props: { state: traceStates.reconnecting } }).text()).toContain(
      'trying again in 4 s',
    )
  })

  it('counts down while the server is busy, and offers a way out', async () => {
    const { refused } = traceStates
    const panel = mount(TraceJobPanel, { props: { state: refused } })
    expect(factsOf(panel).Phase).toBe('The server is busy, going on in 12 s')
    const jobProgress = { ...refused.jobProgress, retryInSeconds: 11 }
    await panel.setProps({ state: { ...refused, jobProgress }, locale: 'zh-Hant-TW' })
    expect(panel.text()).toContain('伺服器忙碌中，11 秒後自動繼續')
    await panel.get('button').trigger('click')
    expect(panel.emitted('abort')).toHaveLength(1)
    // There is no job yet that could go on.
    expect(panel.get('button').attributes('title')).toBeUndefined()
  })

  it('says that there is no news of a job, and leaves it to the person what to do', () => {
    const panel = mount(TraceJobPanel, { props: { state: traceStates.silent } })
    expect(factsOf(panel).Phase).toBe('No news of the job from the server')
    expect(panel.text()).toContain('it may be lost')
    expect(buttonsFor('silent')).toEqual(['Stop watching', 'Cancel job'])
  })

  it('says that the question was asked anew, since the server had lost the job', () => {
    expect(mount(TraceJobPanel, { props: { state: traceStates.askedAnew } }).text()).toContain(
      'The server had lost the job',
    )
  })
})
