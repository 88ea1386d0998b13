import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { effectScope, ref, type EffectScope } from 'vue'
import { createScriptedTransport } from '../../src/client/fixtures/createScriptedTransport.js'
import {
  createVirtualEnvironment,
  type VirtualEnvironment,
} from '../../src/client/fixtures/createVirtualEnvironment.js'
import { after, failure, json, type Reply } from '../../src/client/fixtures/replies.js'
import * as wire from '../../src/client/fixtures/wire.js'
import { useJobPolling } from './useJobPolling.js'

let environment: VirtualEnvironment
let scope: EffectScope

// A real import is no affair of virtual time.
beforeAll(() => import('../client/client.js'))

beforeEach(() => {
  environment = createVirtualEnvironment()
  scope = effectScope()
})

afterEach(async () => {
  scope.stop()
  await environment.settle()
  expect(environment.leftovers, 'timers and listeners left after the scope').toBe(0)
})

function settings(script: Record<string, Reply | Reply[]>) {
  return { environment, transport: createScriptedTransport(script, environment) }
}

describe('useJobPolling', () => {
  it('shows each status until the job is done', async () => {
    const options = settings({
      'GET /job/1': ['queued', 'started', 'finished'].map((s) => json(wire.status(s))),
    })
    const { job, isPolling, error } = scope.run(() => useJobPolling('/job/1', options))!
    await environment.settle()
    expect([job.value?.status, isPolling.value]).toEqual(['queued', true])
    await environment.advance(10_000)
    expect([job.value?.status, isPolling.value, error.value]).toEqual(['completed', false, null])
    expect(environment.leftovers).toBe(0)
  })

  it('follows the job of any other API', async () => {
    const options = settings({ 'GET /print/7': [json({ pages: 1, of: 3 }), json({ pages: 3, of: 3 })] })
    const { job, isPolling } = scope.run(() =>
      useJobPolling('/print/7', {
        ...options,
        read: (body) => body as { pages: number; of: number },
        isDone: ({ pages, of }) => pages === of,
      }),
    )!
    await environment.advance(10_000)
    expect([job.value?.pages, isPolling.value]).toEqual([3, false])
  })

  it('drops an answer for an address that has changed meanwhile', async () => {
    const options = settings({
      'GET /job/1': after(1_000, json(wire.status('failed'))),
      'GET /job/2': json(wire.status('running')),
    })
    const url = ref<string | null>('/job/1')
    const { job, isPolling } = scope.run(() => useJobPolling(url, options))!
    await environment.settle()
    url.value = '/job/2'
    expect(job.value).toBeNull()
    await environment.advance(2_000)
    expect(job.value?.status).toBe('running')
    url.value = null
    expect([job.value, isPolling.value]).toEqual([null, false])
    await environment.settle()
    expect(environment.leftovers).toBe(0)
  })

  it('says why it ended, and what it is waiting out', async () => {
    const options = settings({
      'GET /job/1': [failure(502, 'INTERNAL_ERROR'), failure(404, 'JOB_NOT_FOUND')],
    })
    const { error, trouble, isPolling } = scope.run(() => useJobPolling('/job/1', options))!
    await environment.settle()
    expect([trouble.value?.status, isPolling.value, error.value]).toEqual([502, true, null])
    await environment.advance(10_000)
    expect([error.value?.code, isPolling.value]).toEqual(['JOB_NOT_FOUND', false])
  })

  it('says that a job is silent of which there is no news for half an hour, and asks on', async () => {
    const running = (rows: number) => json(wire.status('running', { progress_detail: { rows } }))
    const replies = [
      ...Array(700).fill(running(1)),
      ...Array(5).fill(running(2)),
      json(wire.status('finished')),
    ]
    const { isSilent, isPolling, job } = scope.run(() =>
      useJobPolling('/job/1', settings({ 'GET /job/1': replies })),
    )!
    await environment.advance(1_790_000)
    expect(isSilent.value).toBe(false)
    await environment.advance(20_000)
    expect([isSilent.value, isPolling.value]).toEqual([true, true])
    await environment.advance(310_000)
    expect([isSilent.value, job.value?.status]).toEqual([false, 'completed'])
  })

  it('stops with its scope', async () => {
    const options = settings({ 'GET /job/1': json(wire.status('running')) })
    const { isPolling } = scope.run(() => useJobPolling('/job/1', options))!
    await environment.advance(700)
    scope.stop()
    expect(isPolling.value).toBe(false)
    const asked = options.transport.seen.length
    await environment.advance(60_000)
    expect(options.transport.seen).toHaveLength(asked)
  })
})
