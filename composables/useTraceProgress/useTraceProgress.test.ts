import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { computed, defineComponent, effectScope, h, watch, type EffectScope } from 'vue'
import { mount } from '@vue/test-utils'
import {
  createScriptedTransport,
  type ScriptedTransport,
} from '../../src/client/fixtures/createScriptedTransport.js'
import {
  createVirtualEnvironment,
  type VirtualEnvironment,
} from '../../src/client/fixtures/createVirtualEnvironment.js'
import { after, failure, hang, json, stream, type Reply } from '../../src/client/fixtures/replies.js'
import * as wire from '../../src/client/fixtures/wire.js'
import { createTrace } from '../createTrace/createTrace.js'
import { recall } from '../rememberedJobs.js'
import { useTraceProgress } from './useTraceProgress.js'
import type { UseTraceProgressOptions } from './UseTraceProgressReturn.js'

const PARAMS = { resolve_type: 'lot_id', values: ['LOT-A'] }
const DOMAINS = ['history', 'materials']
const SHAPE = {
  domains: { history: [wire.rows('h', 3), wire.rows('i', 2)], materials: [wire.rows('m', 1)] },
  epoch: 'e1',
}
const LINES = wire.logLines(SHAPE)

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
    {
      [wire.ROUTES.seeds]: json(wire.seeds('A')),
      [wire.ROUTES.lineage]: json(wire.forwardLineage({ A: ['B'] })),
      [wire.ROUTES.events]: json(wire.FOLLOW_202, { status: 202 }),
      ...replies,
    },
    environment,
  )
}

function use(options: Partial<UseTraceProgressOptions> = {}) {
  return scope.run(() =>
    useTraceProgress({
      profile: 'query_tool',
      domains: DOMAINS,
      transport,
      environment,
      pipeline: 'stages',
      ...options,
    }),
  )!
}

describe('useTraceProgress', () => {
  it('goes from idle through the stages to complete', async () => {
    script({ [wire.ROUTES.stream]: stream(LINES) })
    const trace = use()
    expect(trace.state.value).toMatchObject({ status: 'idle', stage: null, error: null })
    const stages: unknown[] = []
    scope.run(() => watch(trace.currentStage, (stage) => stages.push(stage), { flush: 'sync' }))

    const ended = trace.execute(PARAMS)
    expect(trace.isRunning.value).toBe(true)
    expect(await environment.until(ended)).toBe(trace.state.value)

    expect(stages).toEqual(['seed-resolve', 'lineage', 'events', null])
    expect(trace.status.value).toBe('complete')
    expect(trace.completedStages.value).toEqual(['seed-resolve', 'lineage', 'events'])
    expect(trace.stageResults.value.seed?.seeds).toHaveLength(1)
    expect(trace.stageResults.value.lineage?.cidCount).toBe(2)
    expect(trace.stageResults.value.events).toEqual({
      totalRecords: 6,
      counts: { history: 5, materials: 1 },
      failedDomains: [],
    })
    expect(trace.jobProgress.value).toMatchObject({
      jobId: wire.JOB_ID,
      status: 'completed',
      phase: 'done',
      rowsLoaded: 6,
      rowsTotal: 6,
      fraction: 1,
      message: 'Done',
    })
    expect(trace.domains.value.history!.toArray()).toEqual(SHAPE.domains.history.flat())
  })

  it('shows rows batch by batch, to computed and watch too, while the job runs', async () => {
    const slow = LINES.flatMap((line) => [line, { waitMs: 1_000 }])
    script({ [wire.ROUTES.stream]: stream(slow) })
    const trace = use()
    const seen: number[] = []
    const loaded = computed(() => trace.domains.value.history?.loaded ?? 0)
    scope.run(() => watch(loaded, (count) => seen.push(count), { flush: 'sync' }))
    const ended = trace.execute(PARAMS)
    await environment.advance(2_500)
    expect([trace.status.value, loaded.value]).toEqual(['running', 3])
    await environment.until(ended)
    expect(seen).toEqual([3, 5])
  })

  it('publishes hundreds of batches a second only every 50 ms, and the last one exactly', async () => {
    const domains = { history: Array.from({ length: 456 }, (_, i) => wire.rows(`b${i}`, 2)), materials: [] }
    const lines = wire.logLines({ domains, epoch: 'e1' })
    script({ [wire.ROUTES.stream]: stream(lines.flatMap((line) => [{ waitMs: 2 }, line])) })
    const trace = use()
    let publications = 0
    scope.run(() => watch(trace.domains, () => publications++, { flush: 'sync' }))
    await environment.until(trace.execute(PARAMS))
    expect(trace.domains.value.history!.loaded).toBe(912)
    expect(publications).toBeGreaterThan(10)
    expect(publications).toBeLessThanOrEqual(Math.ceil((460 * 2) / 50) + 2)
  })

  it('tells how far the job is, by its own word, and what is known of it at the end', async () => {
    const progress = { type: 'progress', phase: 'fetching', domain: 'history', cids_done: 1, cids_total: 3 }
    const told = { ...progress, rows: 3, rows_per_second: 1500, fraction: 0.17, eta_seconds: 9 }
    script({
      [wire.ROUTES.stream]: stream([...LINES.slice(0, 3), told, { waitMs: 9_000 }, ...LINES.slice(3)]),
    })
    const trace = use()
    const ended = trace.execute(PARAMS)
    await environment.advance(1_000)
    expect(trace.jobProgress.value).toMatchObject({
      domain: 'history',
      cidsDone: 1,
      cidsTotal: 3,
      rowsPerSecond: 1500,
      etaSeconds: 9,
    })
    await environment.until(ended)
    const done = { domain: null, cidsDone: 3, cidsTotal: 3, rowsPerSecond: null, etaSeconds: null }
    expect(trace.jobProgress.value).toMatchObject(done)
  })

  it('measures how old the job is by time that passes, not by a clock that is set back', async () => {
    const told = { type: 'progress', phase: 'fetching' }
    script({ [wire.ROUTES.stream]: stream([LINES[0]!, { waitMs: 9_000 }, told, ...LINES.slice(1)]) })
    const trace = use()
    const ended = trace.execute(PARAMS)
    await environment.advance(1_000)
    environment.setClock(-3_600_000)
    await environment.until(ended)
    expect(trace.jobProgress.value.elapsedSeconds).toBeCloseTo(9, 0)
  })

  it('is complete with no rows when no seeds are found', async () => {
    script({ [wire.ROUTES.seeds]: json(wire.seeds()) })
    const trace = use()
    await environment.until(trace.execute(PARAMS))
    expect(trace.state.value).toMatchObject({ status: 'complete', completedStages: ['seed-resolve'] })
    expect(trace.domains.value).toEqual({})
  })

  it('says what failed, where, and never rejects', async () => {
    script({ [wire.ROUTES.lineage]: failure(504, 'LINEAGE_TIMEOUT') })
    const trace = use({ locale: 'zh-Hant-TW' })
    const state = await environment.until(trace.execute(PARAMS))
    expect(state).toMatchObject({ status: 'failed', stage: 'lineage', error: { code: 'LINEAGE_TIMEOUT' } })
    expect(trace.stageErrors.value).toMatchObject({ seed: null, lineage: { code: 'LINEAGE_TIMEOUT' } })
    expect(trace.completedStages.value).toEqual(['seed-resolve'])
    expect(trace.errorMessage()).toBe('血緣追溯逾時，請重試或減少批次數量。')
    expect(trace.errorMessage(trace.error.value, 'en')).toMatch(/^The lineage took too long/)
  })

  it('shows rows in a template, with the settings of the app and its own before those', async () => {
    script({ [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)) })
    let trace!: ReturnType<typeof use>
    const Page = defineComponent({
      setup() {
        trace = useTraceProgress({ profile: 'query_tool', domains: DOMAINS, locale: 'en' })
        const loaded = () => trace.domains.value.history?.loaded ?? 0
        return () => h('p', `${trace.status.value} ${loaded()} ${trace.jobProgress.value.message}`)
      },
    })
    const settings = createTrace({ transport, environment, pipeline: 'stages', locale: 'zh-Hant-TW' })
    const page = mount(Page, { global: { plugins: [settings] } })
    expect(page.text()).toBe('idle 0')
    await environment.until(trace.execute(PARAMS))
    await page.vm.$nextTick()
    expect(page.text()).toBe('complete 5 Done')
    page.unmount()
  })
})

describe('useTraceProgress: waiting', () => {
  it('counts down while the server is busy, goes on by itself, and can be stopped meanwhile', async () => {
    const refused = failure(429, 'TOO_MANY_REQUESTS', { 'retry-after': '3' })
    script({
      [wire.ROUTES.seeds]: [refused, json(wire.seeds('A')), refused],
      [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
    })
    const trace = use()
    const messages: string[] = []
    const seen = () => trace.jobProgress.value.retryInSeconds
    scope.run(() => watch(trace.jobProgress, ({ message }) => messages.push(message), { flush: 'sync' }))
    const ended = trace.execute(PARAMS)
    await environment.settle()
    expect([trace.status.value, trace.jobProgress.value.waiting, seen()]).toEqual(['running', 'busy', 4])
    expect((await environment.until(ended)).status).toBe('complete')
    expect(messages.filter((message) => message.includes('busy'))).toEqual(
      [4, 3, 2, 1].map((seconds) => `The server is busy, going on in ${seconds} s`),
    )
    expect([trace.jobProgress.value.waiting, seen()]).toEqual([null, null])

    const second = trace.execute(PARAMS)
    await environment.advance(1_000)
    expect(trace.jobProgress.value.waiting).toBe('busy')
    trace.abort()
    expect((await second).status).toBe('aborted')
    expect(environment.leftovers).toBe(0)
  })

  it('waits no more, by its own word, while the stage that was refused is at work', async () => {
    const refused = failure(429, 'TOO_MANY_REQUESTS', { 'retry-after': '3' })
    script({
      [wire.ROUTES.lineage]: [refused, after(90_000, json(wire.forwardLineage({ A: ['B'] })))],
      [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
    })
    const trace = use()
    const ended = trace.execute(PARAMS)
    await environment.advance(1_000)
    expect(trace.jobProgress.value).toMatchObject({ waiting: 'busy', retryInSeconds: 3 })
    await environment.advance(30_000)
    expect(transport.of(wire.ROUTES.lineage)).toHaveLength(2)
    expect(trace.currentStage.value).toBe('lineage')
    expect(trace.completedStages.value).toEqual(['seed-resolve'])
    expect(trace.jobProgress.value).toMatchObject({ waiting: null, retryInSeconds: null })
    expect(trace.jobProgress.value.message).not.toContain('busy')
    expect((await environment.until(ended)).status).toBe('complete')
  })

  it('says that the server lost the job, and shows the rows of the new one', async () => {
    script({
      [wire.ROUTES.events]: [json(wire.FOLLOW_202, { status: 202 }), json(wire.eventsBody(SHAPE))],
      [wire.ROUTES.stream]: [stream(LINES.slice(0, 3), 'break'), failure(404, 'JOB_NOT_FOUND')],
    })
    const trace = use({ rememberAs: 'page' })
    const messages = new Set<string>()
    scope.run(() => watch(trace.jobProgress, ({ message }) => messages.add(message), { flush: 'sync' }))
    const state = await environment.until(trace.execute(PARAMS))
    expect(state).toMatchObject({ status: 'complete', jobProgress: { isAskedAnew: true, jobId: null } })
    expect(trace.domains.value.history!.toArray()).toEqual(SHAPE.domains.history.flat())
    expect([...messages].join('\n')).toContain('Fetching the events · The server had lost the job')
  })
})

describe('useTraceProgress: stopping', () => {
  it('aborts in the same tick, keeps the rows, and lets nothing be seen after that', async () => {
    script({ [wire.ROUTES.stream]: stream([...LINES.slice(0, 3), { waitMs: 5_000 }, ...LINES.slice(3)]) })
    const trace = use()
    const ended = trace.execute(PARAMS)
    await environment.advance(1_000)
    trace.abort()
    const stopped = trace.state.value
    expect(stopped).toMatchObject({ status: 'aborted', stage: 'events', error: null })
    expect(stopped.domains.history!.loaded).toBe(3)
    expect(await ended).toBe(stopped)
    await environment.advance(60_000)
    expect(trace.state.value).toBe(stopped)
    expect(transport.of(wire.ROUTES.stream)[0]!.signal.aborted).toBe(true)
    expect(environment.leftovers).toBe(0)
  })

  it('aborts while polling without waiting for the poll', async () => {
    script({
      [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }),
      [wire.ROUTES.status]: json(wire.status('started')),
    })
    const trace = use()
    const ended = trace.execute(PARAMS)
    await environment.advance(1_700)
    trace.abort()
    expect((await ended).status).toBe('aborted')
    expect(environment.leftovers).toBe(0)
  })

  it('stops everything when its scope ends', async () => {
    script({ [wire.ROUTES.seeds]: hang() })
    const trace = use()
    const ended = trace.execute(PARAMS)
    await environment.settle()
    scope.stop()
    expect((await ended).status).toBe('aborted')
    expect(transport.seen[0]!.signal.aborted).toBe(true)
    expect(environment.leftovers).toBe(0)
    expect((await trace.execute(PARAMS)).status).toBe('aborted')
    expect(transport.seen).toHaveLength(1)
  })

  it('never lets the late answer of a first question touch the second', async () => {
    script({
      [wire.ROUTES.seeds]: [after(5_000, json(wire.seeds('LATE'))), json(wire.seeds('A'))],
      [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
    })
    const trace = use()
    const first = trace.execute({ values: ['first'] })
    await environment.advance(100)
    const second = trace.execute({ values: ['second'] })
    expect((await first).status).toBe('aborted')
    expect(trace.status.value).toBe('running')
    expect((await environment.until(second)).status).toBe('complete')
    const done = trace.state.value
    await environment.advance(10_000)
    expect(trace.state.value).toBe(done)
    expect(done.stageResults.seed?.seeds[0]?.containerId).toBe('A')
  })

  it('resets to idle', async () => {
    script({ [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)) })
    const trace = use()
    await environment.until(trace.execute(PARAMS))
    trace.reset()
    expect(trace.state.value).toMatchObject({ status: 'idle', domains: {} })
  })

  it('cancels: stops at once, cancels at the server and says what it answered', async () => {
    script({
      [wire.ROUTES.stream]: stream(LINES.slice(0, 3), 'hang'),
      [wire.ROUTES.cancel]: after(300, json({ status: 'cancelled' })),
    })
    const trace = use({ rememberAs: 'page' })
    void trace.execute(PARAMS)
    await environment.advance(1_000)
    const answer = trace.cancel()
    expect(trace.state.value).toMatchObject({ status: 'aborted', jobProgress: { phase: 'cancelling' } })
    expect(await environment.until(answer)).toEqual({ status: 'cancelled', error: null })
    expect(trace.jobProgress.value.status).toBe('cancelled')
    expect([trace.resumable.value, recall('page')]).toEqual([false, null])
  })

  it.each([
    [failure(409, 'JOB_SHARED'), 'shared'],
    [failure(404, 'JOB_NOT_FOUND'), 'gone'],
    [failure(500, 'INTERNAL_ERROR'), 'failed'],
  ])('reports a cancel that did not cancel', async (reply, status) => {
    script({ [wire.ROUTES.stream]: stream(LINES.slice(0, 3), 'hang'), [wire.ROUTES.cancel]: reply })
    const trace = use()
    void trace.execute(PARAMS)
    await environment.advance(1_000)
    expect(await environment.until(trace.cancel())).toMatchObject({ status })
  })

  it.each([
    ['detach', 0],
    ['cancel', 1],
  ] as const)('on leaving with %s tells the server %i times', async (onLeave, times) => {
    script({
      [wire.ROUTES.stream]: stream(LINES.slice(0, 3), 'hang'),
      [wire.ROUTES.cancel]: json({ status: 'cancelled' }),
    })
    const trace = use({ onLeave })
    void trace.execute(PARAMS)
    await environment.advance(1_000)
    scope.stop()
    await environment.settle()
    expect(transport.of(wire.ROUTES.cancel)).toHaveLength(times)
  })
})

describe('useTraceProgress: going on', () => {
  it('retries the failed stage and keeps what is there', async () => {
    script({
      [wire.ROUTES.lineage]: [failure(500, 'LINEAGE_FAILED'), json(wire.forwardLineage({ A: [] }))],
      [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
    })
    const trace = use()
    await environment.until(trace.execute(PARAMS))
    expect(trace.status.value).toBe('failed')
    const again = trace.retry()
    expect(trace.state.value).toMatchObject({
      status: 'running',
      completedStages: ['seed-resolve'],
      error: null,
    })
    expect((await environment.until(again)).status).toBe('complete')
    expect(transport.of(wire.ROUTES.seeds)).toHaveLength(1)
  })

  it('after an abort goes on with the line after the last one shown', async () => {
    script({ [wire.ROUTES.stream]: [stream(LINES.slice(0, 3), 'hang'), stream(LINES.slice(3))] })
    const trace = use()
    void trace.execute(PARAMS)
    await environment.advance(1_000)
    trace.abort()
    expect(trace.resumable.value).toBe(true)
    const state = await environment.until(trace.resume())
    expect(transport.seen.at(-1)!.line).toBe(`${wire.ROUTES.stream}?follow=1&after=3&epoch=e1`)
    expect(state.status).toBe('complete')
    expect(trace.domains.value.history!.toArray()).toEqual(SHAPE.domains.history.flat())
  })

  it('after a partial result runs the failed domains again and keeps the others', async () => {
    const partial = { domains: { history: SHAPE.domains.history }, failed: ['materials'] }
    const rest = { domains: { materials: SHAPE.domains.materials } }
    script({
      [wire.ROUTES.events]: [json(wire.eventsBody(partial)), json(wire.eventsBody(rest))],
    })
    const trace = use()
    const state = await environment.until(trace.execute(PARAMS))
    expect(state).toMatchObject({ status: 'partial', failedDomains: ['materials'] })
    // Half of the domains are whole, and the other's rows were never counted.
    expect(state.jobProgress).toMatchObject({ fraction: 0.5, rowsTotal: null })
    await environment.until(trace.retry())
    expect(trace.status.value).toBe('complete')
    expect(transport.seen.at(-1)!.body).toMatchObject({ domains: ['materials'] })
    expect(trace.stageResults.value.events?.counts).toEqual({ history: 5, materials: 1 })
  })

  it('keeps the old rows of a retry until the first new one is there', async () => {
    script({
      [wire.ROUTES.events]: [
        stream([...LINES.slice(0, 3), { type: 'error', code: 'JOB_FAILED', message: 'x' }]),
        stream([...LINES.slice(0, 2), { waitMs: 1_000 }, ...LINES.slice(2)]),
      ],
    })
    const trace = use()
    await environment.until(trace.execute(PARAMS))
    expect([trace.status.value, trace.domains.value.history!.loaded]).toEqual(['failed', 3])
    const again = trace.retry()
    await environment.advance(500)
    expect([trace.status.value, trace.domains.value.history!.loaded]).toEqual(['running', 3])
    await environment.until(again)
    expect(trace.domains.value.history!.loaded).toBe(5)
  })

  it('remembers the job, and another page resumes it', async () => {
    script({ [wire.ROUTES.stream]: [stream(LINES.slice(0, 3), 'hang'), stream(LINES)] })
    const first = use({ rememberAs: 'page' })
    void first.execute(PARAMS)
    await environment.advance(1_000)
    scope.stop()
    expect(recall('page')).toMatchObject({ profile: 'query_tool', params: PARAMS, domains: DOMAINS })
    expect(JSON.stringify(localStorage)).not.toContain('CONTAINERID')

    scope = effectScope()
    const second = use({ rememberAs: 'page' })
    expect(second.resumable.value).toBe(true)
    const resumed = second.resume()
    // The answers of the first stages went with the page; what they counted did not.
    expect(second.stageCounts.value).toEqual({ seeds: 1, containers: 3 })
    const state = await environment.until(resumed)
    expect(state).toMatchObject({ status: 'complete', stageCounts: { seeds: 1, containers: 3 } })
    // How long the job ran is not known here.
    expect(state.jobProgress.elapsedSeconds).toBeNull()
    expect(second.domains.value.history!.loaded).toBe(5)
    expect(transport.of(wire.ROUTES.events)).toHaveLength(1)
  })

  it.each(['JOB_NOT_FOUND', 'JOB_RESULT_EXPIRED'])(
    'forgets a remembered job that is gone, and says %s',
    async (code) => {
      script({ [wire.ROUTES.stream]: [stream(LINES.slice(0, 3), 'hang'), failure(404, code)] })
      const first = use({ rememberAs: 'page' })
      void first.execute(PARAMS)
      await environment.advance(1_000)
      first.abort()
      scope.stop()
      scope = effectScope()
      const second = use({ rememberAs: 'page' })
      expect(await environment.until(second.resume())).toMatchObject({ status: 'failed', error: { code } })
      await environment.settle()
      expect([recall('page'), second.resumable.value]).toEqual([null, false])
    },
  )

  it('asks no address outside of the API, whatever storage says, and forgets it', async () => {
    script({ [wire.ROUTES.stream]: stream(LINES.slice(0, 3), 'hang') })
    const first = use({ rememberAs: 'page' })
    void first.execute(PARAMS)
    await environment.advance(1_000)
    scope.stop()
    const job = recall('page')!
    for (const name of ['statusUrl', 'streamUrl', 'followUrl', 'resultUrl', 'cancelUrl']) {
      const evil = { ...job, job: { ...job.job, [name]: '/api/trace/../../admin/users/1' } }
      localStorage.setItem('vue-trace-progress:job:page', JSON.stringify(evil))
      scope = effectScope()
      const before = transport.seen.length
      const second = use({ rememberAs: 'page', onLeave: 'cancel' })
      const state = await environment.until(second.resume())
      expect(state, name).toMatchObject({ status: 'failed', error: { code: 'FOREIGN_URL' } })
      await second.cancel()
      scope.stop()
      await environment.settle()
      expect(transport.seen).toHaveLength(before)
      expect(recall('page')).toBeNull()
    }
  })

  it('asks no address on another origin, whatever storage says', async () => {
    script({ [wire.ROUTES.stream]: stream(LINES.slice(0, 3), 'hang') })
    const first = use({ rememberAs: 'page' })
    void first.execute(PARAMS)
    await environment.advance(1_000)
    scope.stop()
    const evil = JSON.stringify(recall('page')).replaceAll('"/api', '"https://evil.test/api')
    localStorage.setItem('vue-trace-progress:job:page', evil)
    scope = effectScope()
    const before = transport.seen.length
    const state = await environment.until(use({ rememberAs: 'page' }).resume())
    expect(state).toMatchObject({ status: 'failed', error: { code: 'FOREIGN_URL' } })
    expect(transport.seen).toHaveLength(before)
  })
})
