import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTrace } from '../../composables/createTrace/createTrace.js'
import type { TraceState } from '../../composables/useTraceProgress/TraceState.js'
import { traceStates } from './traceStates.js'
import TraceProgressBar from './TraceProgressBar.vue'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function mountBar(state: TraceState, locale?: string) {
  return mount(TraceProgressBar, { props: { state, locale } })
}

function withFraction(fraction: number): TraceState {
  return { ...traceStates.running, jobProgress: { ...traceStates.running.jobProgress, fraction } }
}

describe('TraceProgressBar', () => {
  it('claims no percentage while the progress is unknown', () => {
    const bar = mountBar(traceStates.queued).get('[role="progressbar"]')
    expect(bar.attributes('aria-valuenow')).toBeUndefined()
    expect(bar.attributes('aria-valuetext')).toBe('Step 3 of 3: Fetch events')
    expect(bar.get('div').classes()).toContain('trace-progress__fill--unknown')
  })

  it('shows the stages that the question has', () => {
    const bar = mount(TraceProgressBar, { props: { state: traceStates.queued, stages: ['events'] } })
    expect(bar.findAll('li').map((step) => step.get('.trace-progress__name').text())).toEqual([
      'Fetch events',
    ])
    expect(bar.get('[role="progressbar"]').attributes('aria-valuetext')).toBe('Step 1 of 1: Fetch events')
  })

  it('fills nothing when a trace has failed at an unknown point', () => {
    const bar = mountBar(traceStates.failed).get('[role="progressbar"]')
    expect(bar.find('div').exists()).toBe(false)
    expect(bar.attributes('aria-valuetext')).toBe('Failed')
  })

  it('shows a known fraction as it is, and says it in words', () => {
    const bar = mountBar(withFraction(0.425)).get('[role="progressbar"]')
    expect(bar.attributes('aria-valuenow')).toBe('43')
    expect(bar.attributes('aria-valuetext')).toBe('Step 3 of 3: Fetch events, 43%')
    expect(bar.get('div').attributes('style')).toContain('width: 42.5%')
  })

  it('names the stage at work, and what the stages before it found', () => {
    const bar = mountBar(traceStates.running)
    expect(bar.get('[aria-current="step"]').text()).toContain('Fetch events')
    expect(bar.text()).toContain('114,002 containers')
  })

  it('does not tick off a stage that lacks domains', () => {
    const [, , events] = mountBar(traceStates.partial).findAll('li')
    expect(events!.classes()).toContain('trace-progress__stage--partial')
    expect(events!.text()).toContain('!')
  })

  it('is no full bar while a domain is missing', () => {
    const bar = mountBar(traceStates.partial).get('[role="progressbar"]')
    expect(bar.attributes('aria-valuenow')).toBe('50')
    expect(bar.attributes('aria-valuetext')).toBe('Partly complete')
  })

  it('still knows what the first stages found after a reload', () => {
    const bar = mountBar(traceStates.resumed)
    const details = bar.findAll('.trace-progress__detail').map((detail) => detail.text())
    expect(details).toEqual(['3 seeds', '114,002 containers', '1,034,500 rows · 8 sec left'])
  })

  it('tells how far a job is in each of its stages, and what is left', () => {
    const details = (state: TraceState, locale?: string) =>
      mountBar(state, locale)
        .findAll('.trace-progress__detail')
        .map((detail) => detail.text())
    expect(details(traceStates.seeding)).toEqual(['21,000 seeds · 23 sec left', '', ''])
    expect(details(traceStates.tracingInJob)).toEqual([
      '57,012 seeds',
      '31,000 of 57,012 · 8 sec left',
      '1,034,500 rows',
    ])
    expect(details(traceStates.tracingInJob, 'zh-Hant-TW')[1]).toBe('31,000 / 57,012 · 剩餘 8 秒')
  })

  it('says nothing of the time left while it waits', () => {
    expect(mountBar(traceStates.reconnecting).text()).not.toContain('left')
  })

  it('takes for the time of a stage only what was seen of it', async () => {
    const { jobProgress } = traceStates.tracingInJob
    const left = { ...traceStates.seeding, jobProgress: { ...jobProgress, status: 'queued' as const } }
    const bar = mountBar(left)
    vi.advanceTimersByTime(3_000)
    const { etaSeconds: _, ...facts } = traceStates.resumed.jobProgress
    await bar.setProps({ state: { ...traceStates.resumed, jobProgress: { ...facts, etaSeconds: null } } })
    const details = bar.findAll('.trace-progress__detail').map((detail) => detail.text())
    expect(details).toEqual(['3 seeds', '114,002 containers', '1,034,500 rows · 1 min 35 sec'])
  })

  it('speaks at stage changes and quarter steps, not at every percent', async () => {
    const bar = mountBar(withFraction(0.26))
    const spoken = () => bar.get('[role="status"]').text()
    const first = spoken()
    await bar.setProps({ state: withFraction(0.4) })
    expect(spoken()).toBe(first)
    await bar.setProps({ state: withFraction(0.5) })
    expect(spoken()).toBe('Step 3 of 3: Fetch events, 50%')
    await bar.setProps({ state: traceStates.complete })
    expect(spoken()).toBe('Complete')
  })

  it('counts the time of each stage, and stops with it', async () => {
    const bar = mountBar(traceStates.resolving)
    vi.advanceTimersByTime(2_000)
    await bar.setProps({ state: traceStates.tracing })
    vi.advanceTimersByTime(5_000)
    await bar.setProps({ state: traceStates.failed })
    vi.advanceTimersByTime(60_000)
    const details = bar.findAll('.trace-progress__detail').map((detail) => detail.text())
    expect(details[0]).toContain('2 sec')
    expect(details[1]).toContain('5 sec')
    expect(vi.getTimerCount()).toBe(0)
  })

  it("speaks the app's language", () => {
    const bar = mount(TraceProgressBar, {
      props: { state: traceStates.running },
      global: { plugins: [createTrace({ locale: 'zh-Hant-TW' })] },
    })
    expect(bar.text()).toContain('血緣追溯')
  })
})
