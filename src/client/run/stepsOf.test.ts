import { describe, expect, it } from 'vitest'
import { createVirtualEnvironment } from '../fixtures/createVirtualEnvironment.js'
import { stepsOf } from './stepsOf.js'
import type { RunContext, TraceContext } from './TraceContext.js'
import { DEFAULT_POLICY } from './TracePolicy.js'
import type { TraceStep } from './TraceUpdate.js'

const step = (stage: 'seed-resolve' | 'lineage'): TraceStep => ({ delta: { type: 'stage-started', stage } })

function setUp() {
  const controller = new AbortController()
  const context: TraceContext = {
    transport: { send: () => Promise.reject(new Error('Nothing is to be sent')) },
    environment: createVirtualEnvironment(),
    policy: DEFAULT_POLICY,
    signal: controller.signal,
  }
  const seen: string[] = []
  async function work({ report, signal }: RunContext) {
    try {
      seen.push('first')
      await report(step('seed-resolve').delta)
      seen.push('second')
      await report(step('lineage').delta)
      return 'result'
    } finally {
      seen.push(signal.aborted ? 'aborted' : 'done')
    }
  }
  return { controller, seen, steps: stepsOf(context, work) }
}

describe('stepsOf', () => {
  it('goes on only when the next step is asked for, and ends with the result', async () => {
    const { seen, steps } = setUp()
    expect(seen).toEqual([])
    expect(await steps.next()).toEqual({ done: false, value: step('seed-resolve') })
    await new Promise((resolve) => setTimeout(resolve))
    expect(seen).toEqual(['first'])
    expect(await steps.next()).toEqual({ done: false, value: step('lineage') })
    expect(await steps.next()).toEqual({ done: true, value: 'result' })
    expect(seen).toEqual(['first', 'second', 'done'])
  })

  it('aborts the work when the reader leaves', async () => {
    const { seen, steps } = setUp()
    await steps.next()
    await steps.return('left')
    expect(seen).toEqual(['first', 'aborted'])
  })

  it('aborts the work at once on abort, and throws the reason', async () => {
    const { controller, seen, steps } = setUp()
    await steps.next()
    controller.abort('enough')
    await new Promise((resolve) => setTimeout(resolve))
    expect(seen).toEqual(['first', 'aborted'])
    await expect(steps.next()).rejects.toBe('enough')
  })
})
