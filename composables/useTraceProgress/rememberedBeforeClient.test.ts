import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import {
  createScriptedTransport,
  type ScriptedTransport,
} from '../../src/client/fixtures/createScriptedTransport.js'
import {
  createVirtualEnvironment,
  type VirtualEnvironment,
} from '../../src/client/fixtures/createVirtualEnvironment.js'
import { json, stream } from '../../src/client/fixtures/replies.js'
import * as wire from '../../src/client/fixtures/wire.js'
import * as client from '../client/client.js'
import { recall } from '../rememberedJobs.js'
import { useTraceProgress } from './useTraceProgress.js'
import type { UseTraceProgressOptions } from './UseTraceProgressReturn.js'

const network = vi.hoisted(() => ({ importClient: () => Promise.reject<typeof client>(new Error()) }))

// The composable itself, with a file of the client that comes when the test says.
vi.mock(import('../client/useClient.js'), async (importOriginal) => {
  const { useClient } = await importOriginal()
  return { useClient: () => useClient(() => network.importClient()) }
})

const LINES = wire.logLines({ domains: { history: [wire.rows('h', 3)] }, epoch: 'e1' })

let environment: VirtualEnvironment
let transport: ScriptedTransport
let scope: EffectScope

beforeEach(async () => {
  localStorage.clear()
  environment = createVirtualEnvironment()
  transport = createScriptedTransport(
    {
      [wire.ROUTES.seeds]: json(wire.seeds('A')),
      [wire.ROUTES.lineage]: json(wire.forwardLineage({ A: ['B'] })),
      [wire.ROUTES.events]: json(wire.FOLLOW_202, { status: 202 }),
      [wire.ROUTES.stream]: [stream(LINES.slice(0, 2), 'hang'), stream(LINES)],
      [wire.ROUTES.cancel]: json({ status: 'cancelled' }),
    },
    environment,
  )
  scope = effectScope()
  network.importClient = () => Promise.resolve(client)
  void use().execute({ resolve_type: 'lot_id', values: ['LOT-A'] })
  await environment.advance(1_000)
  scope.stop()
  expect(recall('page')).not.toBeNull()
  scope = effectScope()
})

afterEach(() => scope.stop())

function use(options: Partial<UseTraceProgressOptions> = {}) {
  return scope.run(() =>
    useTraceProgress({
      profile: 'query_tool',
      domains: ['history'],
      rememberAs: 'page',
      transport,
      pipeline: 'stages',
      environment,
      ...options,
    }),
  )!
}

function rememberForeign() {
  const { job, ...rest } = recall('page')!
  const evil = {
    ...rest,
    job: { ...job, cancelUrl: '/api/trace/../../admin', streamUrl: '/api/x/../../admin' },
  }
  localStorage.setItem('vue-trace-progress:job:page', JSON.stringify(evil))
}

/** The client's file does not come before the test says so. */
function heldBack() {
  let arrive!: (module: typeof client) => void
  const arrived = new Promise<typeof client>((resolve) => (arrive = resolve))
  network.importClient = () => arrived
  return { arrive: () => arrive(client) }
}

describe('a remembered job whose page cannot load the client', () => {
  it('is still remembered, and a retry goes on with it and starts no second one', async () => {
    network.importClient = () => Promise.reject(new TypeError('Failed to fetch'))
    const trace = use()
    const failed = await environment.until(trace.resume())
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'NETWORK_ERROR' } })
    await environment.settle()
    expect([recall('page')?.job.jobId, trace.resumable.value]).toEqual([wire.JOB_ID, true])

    network.importClient = () => Promise.resolve(client)
    expect(await environment.until(trace.retry())).toMatchObject({ status: 'complete' })
    expect(transport.of(wire.ROUTES.events)).toHaveLength(1)
  })

  it('is asked at no address outside of the API by the retry either', async () => {
    rememberForeign()
    network.importClient = () => Promise.reject(new TypeError('Failed to fetch'))
    const trace = use()
    await environment.until(trace.resume())
    network.importClient = () => Promise.resolve(client)
    const before = transport.seen.length
    expect(await environment.until(trace.retry())).toMatchObject({ error: { code: 'FOREIGN_URL' } })
    await environment.settle()
    expect([transport.seen.length, recall('page')]).toEqual([before, null])
  })
})

describe('a remembered job while the client is on its way', () => {
  it('can be cancelled: the server is told', async () => {
    const { arrive } = heldBack()
    const trace = use()
    void trace.resume()
    const answer = trace.cancel()
    arrive()
    expect(await environment.until(answer)).toEqual({ status: 'cancelled', error: null })
    expect(transport.of(wire.ROUTES.cancel)).toHaveLength(1)
    expect([recall('page'), trace.resumable.value]).toEqual([null, false])
  })

  it('is cancelled when a page is left that cancels on leaving', async () => {
    const { arrive } = heldBack()
    void use({ onLeave: 'cancel' }).resume()
    scope.stop()
    arrive()
    await environment.settle()
    expect(transport.of(wire.ROUTES.cancel)).toHaveLength(1)
  })

  it('can be taken up again after an abort', async () => {
    const { arrive } = heldBack()
    const trace = use()
    void trace.resume()
    trace.abort()
    expect(trace.resumable.value).toBe(true)
    arrive()
    expect(await environment.until(trace.resume())).toMatchObject({ status: 'complete' })
    expect(transport.of(wire.ROUTES.events)).toHaveLength(1)
  })

  it('is cancelled at no address outside of the API', async () => {
    rememberForeign()
    const { arrive } = heldBack()
    const trace = use({ onLeave: 'cancel' })
    const before = transport.seen.length
    void trace.resume()
    const answer = trace.cancel()
    arrive()
    expect(await environment.until(answer)).toMatchObject({
      status: 'failed',
      error: { code: 'FOREIGN_URL' },
    })
    void trace.resume()
    scope.stop()
    await environment.settle()
    expect(transport.seen).toHaveLength(before)
  })
})
