import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { TraceSource } from '../mock-server/ports/index.js'
import { createBrowserEnvironment } from '../src/browser/createBrowserEnvironment.js'
import { createFetchTransport } from '../src/browser/createFetchTransport.js'
import { collectTrace } from '../src/client/fixtures/collectTrace.js'
import { runTrace } from '../src/client/run/runTrace.js'
import { decodeTraceStream } from '../src/records/decodeTraceStream.js'
import { createTraceHandlers, happy, rowsSource, slow, withoutFollow, type Scenario } from './index.js'

const ROWS = { history: Array.from({ length: 40 }, (_, i) => ({ CONTAINERID: `CID-${i}`, QTY: i })) }

const server = setupServer()
const closes: (() => Promise<void>)[] = []

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
afterEach(async () => {
  server.resetHandlers()
  for (const close of closes.splice(0)) await close()
})
afterAll(() => server.close())

/** A server with nothing in its memory. */
function start(scenario: Scenario, source: TraceSource = rowsSource({ rows: ROWS })) {
  const { handlers, close, log } = createTraceHandlers({
    scenario,
    source,
    settings: { asyncCidThreshold: 0, streamBatchSize: 10 },
  })
  closes.push(close)
  server.resetHandlers(...handlers)
  return { close, log }
}

it.each([
  ['events', 'followed', happy],
  ['events', 'polled', withoutFollow],
  ['run', 'followed', happy],
  ['run', 'polled', withoutFollow],
] as const)(
  'a job of %s that is %s when its server is restarted is asked anew by itself',
  async (of, how, scenario) => {
    // So slow that the job is still at work when the server goes.
    const before = start(how === 'followed' ? slow(1) : { ...withoutFollow(), rowsPerSecond: 1 })
    const run = runTrace(
      { profile: 'query_tool', params: { resolve_type: 'lot_id', values: ['x'] }, domains: ['history'] },
      {
        transport: createFetchTransport(),
        environment: {
          ...createBrowserEnvironment({ baseUrl: 'http://trace.test' }),
          decode: decodeTraceStream,
        },
        pipeline: of === 'run' ? 'job' : 'stages',
        policy: { pollMinMs: 20, pollMaxMs: 50, backoffMinMs: 20, backoffMaxMs: 50, silenceMs: 500 },
      },
    )
    const ended = collectTrace(run)
    const read = how === 'followed' ? 'stream' : 'status'
    await expect.poll(() => before.log.some(({ kind }) => kind === read), { timeout: 30_000 }).toBe(true)

    const after = start(scenario())
    await before.close()

    const {
      outcome,
      rows: { seeds, ...rows },
      updates,
    } = await ended
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
    expect(updates.filter(({ type }) => type === 'job-lost')).toHaveLength(1)
    expect(seeds?.length).toBe(of === 'run' ? 1 : undefined)
    // The new server does not know the lineage either, but the seeds are known here.
    expect(
      after.log.map(({ kind }) => kind).filter((kind) => kind !== 'status' && kind !== 'stream'),
    ).toEqual(of === 'run' ? ['run'] : ['events', 'lineage', 'events'])
  },
)

it.each(['seeds', 'lineage', 'events'] as const)(
  'a run whose server is restarted in its stage %s is asked anew by itself, once, and complete',
  async (stage) => {
    const held = new AbortController()
    const reach = vi.fn()
    const before = start(happy(), stuckIn(stage, reach, held.signal))
    closes.unshift(async () => held.abort())
    const ended = collectTrace(
      runTrace(
        { profile: 'query_tool', params: { resolve_type: 'lot_id', values: ['x'] }, domains: ['history'] },
        {
          transport: createFetchTransport(),
          environment: {
            ...createBrowserEnvironment({ baseUrl: 'http://trace.test' }),
            decode: decodeTraceStream,
          },
          pipeline: 'job',
          policy: { pollMinMs: 20, pollMaxMs: 50, backoffMinMs: 20, backoffMaxMs: 50, silenceMs: 500 },
        },
      ),
    )
    await expect.poll(() => reach.mock.calls.length).toBeGreaterThan(0)
    await expect.poll(() => before.log.some(({ kind }) => kind === 'stream')).toBe(true)

    const after = start(happy())
    held.abort()
    await before.close()

    const { outcome, rows, updates } = await ended
    expect(outcome.status).toBe('complete')
    expect(rows.history).toEqual(ROWS.history)
    expect(rows.seeds).toHaveLength(1)
    expect(updates.filter(({ type }) => type === 'job-lost')).toHaveLength(1)
    expect(after.log.filter(({ kind }) => kind === 'run')).toHaveLength(1)
  },
)

/** The factory, which answers nothing in one stage of a job: that is where its server is when it goes. */
function stuckIn(stage: 'seeds' | 'lineage' | 'events', reach: () => void, freed: AbortSignal): TraceSource {
  const source = rowsSource({ rows: ROWS })
  async function hold(own: typeof stage, signal: AbortSignal) {
    if (own !== stage) return
    reach()
    const either = AbortSignal.any([signal, freed])
    if (!either.aborted) await new Promise((resolve) => either.addEventListener('abort', resolve))
    throw new Error('The server is gone')
  }
  return {
    ...source,
    async resolveSeeds(query, options) {
      await hold('seeds', options.signal)
      return source.resolveSeeds(query, options)
    },
    async lineage(ids, direction, options) {
      await hold('lineage', options.signal)
      return source.lineage(ids, direction, options)
    },
    async *events(domain, ids, options) {
      await hold('events', options.signal)
      yield* source.events(domain, ids, options)
    },
  }
}
