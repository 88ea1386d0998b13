import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { effectScope } from 'vue'
import { createScriptedTransport } from '../../src/client/fixtures/createScriptedTransport.js'
import { createVirtualEnvironment } from '../../src/client/fixtures/createVirtualEnvironment.js'
import { after, failure, hang, html, json, stream, type Reply } from '../../src/client/fixtures/replies.js'
import * as wire from '../../src/client/fixtures/wire.js'
import { useTraceProgress } from './useTraceProgress.js'

/**
 * Behaviours observed on the original page (CONTRACT section 10, "worth NOT copying", and the first table of
 * the performance notes), each against the original's own wire.
 */

const SHAPE = { domains: { history: [wire.rows('h', 3), wire.rows('i', 2)], materials: [wire.rows('m', 1)] } }
const LINES = wire.logLines(SHAPE)
const DOMAINS = Object.keys(SHAPE.domains)

const scopes: { stop: () => void }[] = []
// A real import is no affair of virtual time.
beforeAll(() => import('../client/client.js'))

afterEach(() => scopes.splice(0).forEach((scope) => scope.stop()))

function page(script: Record<string, Reply | Reply[]>) {
  const environment = createVirtualEnvironment()
  const transport = createScriptedTransport(
    {
      [wire.ROUTES.seeds]: json(wire.seeds('A')),
      [wire.ROUTES.lineage]: json(wire.forwardLineage({ A: [] })),
      [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }),
      [wire.ROUTES.status]: json(wire.status('finished')),
      ...script,
    },
    environment,
  )
  const scope = effectScope()
  scopes.push(scope)
  const options = {
    profile: 'query_tool',
    domains: DOMAINS,
    transport,
    environment,
    pipeline: 'stages' as const,
  }
  const trace = scope.run(() => useTraceProgress(options))!
  return { trace, environment, transport, run: () => environment.until(trace.execute({ values: ['A'] })) }
}

describe('what the original page did, and this one does not', () => {
  it('rows become visible only when the whole stream has been read', async () => {
    const { trace, environment } = page({ [wire.ROUTES.stream]: stream(LINES.slice(0, 3), 'hang') })
    void trace.execute({})
    await environment.advance(100)
    expect(trace.isRunning.value).toBe(true)
    expect(trace.domains.value.history!.toArray()).toEqual(wire.rows('h', 3))
  })

  it('an error line is taken as success', async () => {
    const error = { type: 'error', message: 'result not found' }
    const { run } = page({ [wire.ROUTES.stream]: stream([...LINES.slice(0, 3), error]) })
    expect(await run()).toMatchObject({ status: 'failed', error: { message: 'result not found' } })
  })

  it('a missing complete line is taken as success', async () => {
    const { run } = page({ [wire.ROUTES.stream]: stream(LINES.slice(0, -1)) })
    expect(await run()).toMatchObject({ status: 'failed', error: { code: 'STREAM_TRUNCATED' } })
  })

  it('a short domain is taken as success', async () => {
    const short = LINES.toSpliced(3, 1)
      .with(3, { ...LINES[4], count: 3 })
      .with(-1, { type: 'complete', total_records: 4 })
    const { run } = page({ [wire.ROUTES.stream]: stream(short) })
    expect(await run()).toMatchObject({ status: 'failed', error: { code: 'COUNT_MISMATCH' } })
  })

  it('malformed lines are taken as success', async () => {
    const { run } = page({
      [wire.ROUTES.stream]: stream([...LINES.slice(0, 3), '{"type": "rec\n', ...LINES.slice(3)]),
    })
    expect(await run()).toMatchObject({ status: 'failed', error: { code: 'MALFORMED_LINE' } })
  })

  it('200,000 rows in one line vanish silently', async () => {
    const many = Array.from({ length: 200_000 }, (_, N) => ({ N }))
    const { run } = page({
      [wire.ROUTES.stream]: stream(wire.logLines({ domains: { history: [many], materials: [] } })),
    })
    const state = await run()
    expect(state.status).toBe('complete')
    expect(state.domains.history!.loaded).toBe(200_000)
    expect(state.domains.history!.at(-1)).toEqual({ N: 199_999 })
  })

  it('a connection broken mid-stream loses all rows received', async () => {
    const { run } = page({
      [wire.ROUTES.stream]: [stream(LINES.slice(0, 4), 'break'), html(502), stream(LINES)],
    })
    const state = await run()
    expect([state.status, state.domains.history!.loaded]).toEqual(['complete', 5])

    const hopeless = page({ [wire.ROUTES.stream]: [stream(LINES.slice(0, 4), 'break'), html(502)] })
    const failed = await hopeless.run()
    expect([failed.status, failed.domains.history!.loaded]).toEqual(['failed', 5])
  })

  it('a timeout is indistinguishable from abort()', async () => {
    const slow = page({ [wire.ROUTES.lineage]: hang() })
    expect(await slow.run()).toMatchObject({ status: 'failed', error: { code: 'REQUEST_TIMEOUT' } })

    const stopped = page({ [wire.ROUTES.lineage]: hang() })
    const ended = stopped.trace.execute({})
    await stopped.environment.advance(1_000)
    stopped.trace.abort()
    expect(await ended).toMatchObject({ status: 'aborted', error: null })
  })

  it('abort() while polling takes up to 3 s to settle', async () => {
    const { trace, environment } = page({ [wire.ROUTES.status]: json(wire.status('started')) })
    const ended = trace.execute({})
    await environment.advance(10_000)
    const before = environment.now()
    trace.abort()
    expect(trace.status.value).toBe('aborted')
    await ended
    expect(environment.now()).toBe(before)
  })

  it('a second execute() has its state cleared by the end of the first', async () => {
    const { trace, environment } = page({
      [wire.ROUTES.seeds]: [
        after(2_000, failure(500, 'SEED_RESOLVE_FAILED')),
        after(5_000, json(wire.seeds('A'))),
      ],
      [wire.ROUTES.stream]: stream(LINES),
    })
    void trace.execute({ n: 1 })
    await environment.advance(1_000)
    const second = trace.execute({ n: 2 })
    await environment.advance(3_000)
    expect(trace.state.value).toMatchObject({ status: 'running', stage: 'seed-resolve', error: null })
    expect((await environment.until(second)).status).toBe('complete')
  })

  it('429 while polling ends the run although the wait is known', async () => {
    const limited = failure(429, 'TOO_MANY_REQUESTS', { 'retry-after': '57' })
    const { run, transport } = page({
      [wire.ROUTES.status]: [json(wire.status('started')), limited, json(wire.status('finished'))],
      [wire.ROUTES.stream]: stream(LINES),
    })
    expect((await run()).status).toBe('complete')
    const [, limitedAt, next] = transport.of(wire.ROUTES.status)
    expect(next!.atMs - limitedAt!.atMs).toBeGreaterThanOrEqual(57_000)
  })

  it('one broken poll ends the run', async () => {
    const { run } = page({
      [wire.ROUTES.status]: [html(502), json(wire.status('finished'))],
      [wire.ROUTES.stream]: stream(LINES),
    })
    expect((await run()).status).toBe('complete')
  })

  it('one hung poll ends the run in silence', async () => {
    const { run } = page({
      [wire.ROUTES.status]: [hang(), json(wire.status('finished'))],
      [wire.ROUTES.stream]: stream(LINES),
    })
    expect((await run()).status).toBe('complete')
  })

  it('a cut stream is shown as success', async () => {
    const { run } = page({ [wire.ROUTES.stream]: stream(LINES.slice(0, 4), 'break') })
    expect(await run()).toMatchObject({ status: 'failed', error: { code: 'STREAM_TRUNCATED' } })
  })
})
