import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
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
function start(scenario: Scenario) {
  const { handlers, close, log } = createTraceHandlers({
    scenario,
    source: rowsSource({ rows: ROWS }),
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
