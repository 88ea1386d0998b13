import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import TraceProgressBar from './TraceProgressBar.vue'

const stages = [
  { name: 'Resolve seeds', state: 'done' as const, detail: '57,000 seeds' },
  { name: 'Trace lineage', state: 'running' as const },
  { name: 'Fetch events', state: 'waiting' as const },
]

function mountBar(fraction: number | null) {
  return mount(TraceProgressBar, { props: { stages, fraction, state: 'running', label: 'Progress' } })
}

describe('TraceProgressBar', () => {
  it('claims no percentage while the progress is unknown', () => {
    const bar = mountBar(null).get('[role="progressbar"]')
    expect(bar.attributes('aria-valuenow')).toBeUndefined()
    expect(bar.get('div').classes()).toContain('trace-progress__fill--unknown')
  })

  it('shows a known fraction as it is', () => {
    const bar = mountBar(0.425).get('[role="progressbar"]')
    expect(bar.attributes('aria-valuenow')).toBe('43')
    expect(bar.get('div').attributes('style')).toContain('width: 42.5%')
  })

  it('names the stage at work as the current step', () => {
    const current = mountBar(null).get('[aria-current="step"]')
    expect(current.text()).toContain('Trace lineage')
  })
})
