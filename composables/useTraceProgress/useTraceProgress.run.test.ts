import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import {
  createScriptedTransport,
  type ScriptedTransport,
} from '../../src/client/fixtures/createScriptedTransport.js'
import {
  createVirtualEnvironment,
  type VirtualEnvironment,
} from '../../src/client/fixtures/createVirtualEnvironment.js'
import { failure, json, stream, type Reply, type StreamPart } from '../../src/client/fixtures/replies.js'
import * as wire from '../../src/client/fixtures/wire.js'
import { recall } from '../rememberedJobs.js'
import { useTraceProgress } from './useTraceProgress.js'
import type { UseTraceProgressOptions } from './UseTraceProgressReturn.js'

const PARAMS = { resolve_type: 'lot_id', values: ['LOT-A', 'LOT-X'] }
const SHAPE = {
  domains: {
    seeds: [wire.rows('s', 2)],
    history: [wire.rows('h', 3), wire.rows('i', 2)],
    materials: [wire.rows('m', 1)],
  },
  unmatched: ['LOT-X'],
  epoch: 'e1',
}
const LINES = wire.runLines(SHAPE)

let environment: VirtualEnvironment
let transport: ScriptedTransport
let scope: EffectScope

// A real import is no affair of virtual time.
beforeAll(() => import('../client/client.js'))

beforeEach(() => {
  environment = createVirtualEnvironment()
  scope = effectScope()
  localStorage.clear()
})

afterEach(async () => {
  scope.stop()
  await environment.settle()
  expect(environment.leftovers, 'timers and listeners left after the scope').toBe(0)
})

function script(replies: Record<string, Reply | Reply[]>) {
  transport = createScriptedTransport(
    { [wire.ROUTES.run]: json(wire.RUN_202, { status: 202 }), ...replies },
    environment,
  )
}

function use(options: Partial<UseTraceProgressOptions> = {}) {
  const domains = ['history', 'materials']
  return scope.run(() =>
    useTraceProgress({
      profile: 'query_tool',
      domains,
      transport,
      environment,
      pipeline: 'job',
      ...options,
    }),
  )!
}

function progress(phase: string, more: object = {}): StreamPart {
  return { type: 'progress', phase, ...more }
}

describe('useTraceProgress of one job', () => {
  it('is complete with its seeds and what was not found', async () => {
    script({ [wire.ROUTES.stream]: stream(LINES) })
    const trace = use()
    const state = await environment.until(trace.execute(PARAMS))
    expect(state).toMatchObject({
      status: 'complete',
      completedStages: ['seed-resolve', 'lineage', 'events'],
      stageCounts: { seeds: 2 },
      unmatched: { count: 1, values: ['LOT-X'] },
      jobProgress: { rowsLoaded: 6, rowsTotal: 6, fraction: 1 },
      stageResults: { events: { totalRecords: 6, counts: { history: 5, materials: 1 } } },
    })
    expect(trace.unmatched.value).toEqual({ count: 1, values: ['LOT-X'] })
    expect(trace.seeds.value!.at(0)).toEqual(wire.rows('s', 1)[0])
    expect(trace.seeds.value).toBe(trace.domains.value.seeds)
  })

  it('shows stages, counts and the time left by what the log says', async () => {
    const [meta, ...rest] = LINES
    script({
      [wire.ROUTES.stream]: stream([
        meta!,
        progress('seeds', { seeds_done: 0, fraction: 0.02, eta_seconds: 24 }),
        { waitMs: 1000 },
        ...rest.slice(0, 2),
        progress('lineage', { seeds_done: 1, seeds_total: 2, fraction: 0.1, eta_seconds: 20 }),
        { waitMs: 1000 },
        progress('fetching', { seeds_done: 2, seeds_total: 2, cids_done: 5, cids_total: 9, fraction: 0.6 }),
        { waitMs: 1000 },
        ...rest.slice(2),
      ]),
    })
    const trace = use()
    const ended = trace.execute(PARAMS)
    await environment.advance(500)
    expect(trace.state.value).toMatchObject({
      stage: 'seed-resolve',
      completedStages: [],
      jobProgress: { status: 'running', phase: 'seeds', seedsTotal: null, fraction: 0.02, etaSeconds: 24 },
    })
    expect(trace.jobProgress.value.message).toBe('Finding the starting lots')
    await environment.advance(1000)
    expect(trace.state.value).toMatchObject({
      stage: 'lineage',
      completedStages: ['seed-resolve'],
      stageCounts: { seeds: 2, containers: null },
      jobProgress: { phase: 'lineage', seedsDone: 1, seedsTotal: 2, etaSeconds: 20 },
    })
    await environment.advance(1000)
    expect(trace.state.value).toMatchObject({
      stage: 'events',
      stageCounts: { seeds: 2, containers: 9 },
      jobProgress: { phase: 'fetching', cidsDone: 5, cidsTotal: 9, fraction: 0.6 },
    })
    expect((await environment.until(ended)).status).toBe('complete')
  })

  it('shows rows of several domains side by side while they come', async () => {
    const at = LINES.findIndex(({ type, domain }) => type === 'domain_end' && domain === 'seeds')
    script({ [wire.ROUTES.stream]: stream([...LINES.slice(0, at), { waitMs: 5000 }, ...LINES.slice(at)]) })
    const trace = use()
    const ended = trace.execute(PARAMS)
    await environment.advance(1000)
    const { seeds, history, materials } = trace.domains.value
    expect([seeds?.loaded, history?.loaded, materials?.loaded]).toEqual([2, 3, 1])
    expect(trace.unmatched.value).toBeNull()
    await environment.until(ended)
  })

  it('is found again after a reload, with its seeds and what was not found', async () => {
    script({ [wire.ROUTES.stream]: stream(LINES.slice(0, 3), 'hang') })
    const left = use({ rememberAs: 'page' })
    void left.execute(PARAMS)
    await environment.advance(100)
    scope.stop()
    await environment.settle()
    expect(recall('page')!.job.isRun).toBe(true)

    scope = effectScope()
    script({ [wire.ROUTES.stream]: stream(LINES) })
    const trace = use({ rememberAs: 'page' })
    const ended = trace.resume()
    expect(trace.currentStage.value).toBe('seed-resolve')
    expect(await environment.until(ended)).toMatchObject({
      status: 'complete',
      stageCounts: { seeds: 2 },
      unmatched: { count: 1 },
    })
    expect(transport.of(wire.ROUTES.run)).toHaveLength(0)
  })

  it('keeps seeds and what was not found while a failed domain is tried again', async () => {
    const { seeds, history } = SHAPE.domains
    const partial = wire.runLines({ ...SHAPE, domains: { seeds, history }, failed: ['materials'] })
    const head = partial.filter((line) => 'seq' in line).length
    const again = [
      { type: 'domain_start', seq: head + 1, domain: 'materials', total: null },
      { waitMs: 1000 },
      { type: 'domain_end', seq: head + 2, domain: 'materials', count: 0 },
      { type: 'complete', total_records: 7 },
    ]
    script({
      [wire.ROUTES.stream]: [stream(partial), stream(again)],
      [wire.ROUTES.retry]: json(wire.RUN_202, { status: 202 }),
    })
    const trace = use()
    expect(await environment.until(trace.execute(PARAMS))).toMatchObject({
      status: 'partial',
      failedDomains: ['materials'],
    })
    const ended = trace.retry()
    await environment.advance(500)
    expect(trace.currentStage.value).toBe('events')
    expect(trace.seeds.value?.loaded).toBe(2)
    expect(trace.unmatched.value?.count).toBe(1)
    expect(await environment.until(ended)).toMatchObject({ status: 'complete', unmatched: { count: 1 } })
  })

  it('drops what was not found with the rows of a log that begins anew', async () => {
    const at = LINES.findIndex(({ type }) => type === 'unmatched') + 1
    const anew = wire.runLines({ ...SHAPE, epoch: 'e2', unmatched: [] })
    const reset = [{ type: 'reset', epoch: 'e2' }, anew[0]!, { waitMs: 1000 }, ...anew.slice(1)]
    script({ [wire.ROUTES.stream]: stream([...LINES.slice(0, at), { waitMs: 500 }, ...reset]) })
    const trace = use()
    const ended = trace.execute(PARAMS)
    await environment.advance(100)
    expect(trace.unmatched.value?.count).toBe(1)
    await environment.advance(900)
    expect(trace.unmatched.value).toBeNull()
    expect(await environment.until(ended)).toMatchObject({ unmatched: { count: 0, values: [] } })
  })

  it('forgets both with a new question', async () => {
    script({
      [wire.ROUTES.stream]: stream(LINES),
      [wire.ROUTES.run]: [json(wire.RUN_202, { status: 202 }), failure(500, 'INTERNAL_ERROR')],
    })
    const trace = use()
    await environment.until(trace.execute(PARAMS))
    await environment.until(trace.execute(PARAMS))
    expect([trace.status.value, trace.unmatched.value, trace.seeds.value]).toEqual(['failed', null, null])
  })
})

it('has seeds and what was not found of a question put by stages too', async () => {
  script({
    [wire.ROUTES.seeds]: json({ ...wire.seeds('A', 'B'), unmatched: ['LOT-X'], unmatched_count: 1 }),
    [wire.ROUTES.lineage]: json(wire.forwardLineage({ A: ['C'] })),
    [wire.ROUTES.events]: json(wire.eventsBody({ domains: { history: [], materials: [] } })),
  })
  const trace = use({ pipeline: 'stages' })
  expect(trace.seeds.value).toBeNull()
  const state = await environment.until(trace.execute(PARAMS))
  expect(state).toMatchObject({ status: 'complete', unmatched: { count: 1, values: ['LOT-X'] } })
  expect(trace.seeds.value!.total).toBe(2)
  expect(trace.seeds.value!.at(1)).toEqual({
    CONTAINERID: 'B',
    CONTAINERNAME: 'LOT-B',
    LOT_ID: 'LOT-B',
  })
  expect(trace.seeds.value).toBe(trace.seeds.value)
})
