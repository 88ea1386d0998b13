import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createBrowserEnvironment } from '../src/browser/createBrowserEnvironment.js'
import { createFetchTransport } from '../src/browser/createFetchTransport.js'
import { createWorkerDecoder, type WorkerDecoder } from '../src/browser/decodeWorker/page.js'
import { serveDecoder } from '../src/browser/decodeWorker/worker.js'
import { collectTrace } from '../src/client/fixtures/collectTrace.js'
import { runTrace } from '../src/client/run/runTrace.js'
import { decodeTraceStream } from '../src/records/decodeTraceStream.js'
import * as scenarios from './index.js'
import { combine, createTraceHandlers, rowsSource, withoutFollow, type Scenario } from './index.js'

/**
 * Every fault, on every path, decoded here and in a worker: each run must end as the table says, and what is
 * called complete must be every row. The table is printed.
 */

const BASE_URL = 'http://trace.test'
const ROWS = {
  history: Array.from({ length: 45 }, (_, i) => ({
    CONTAINERID: `CID-${i}`,
    WORKCENTERNAME: '焊接_DB',
    QTY: i,
  })),
  materials: Array.from({ length: 25 }, (_, i) => ({
    CONTAINERID: `CID-${i}`,
    MATERIALPARTNAME: '銀膠',
    QTY: i / 8,
  })),
}

/** Patience of a few milliseconds: the faults are the same, only quicker. */
const policy = {
  pollMinMs: 2,
  pollMaxMs: 5,
  backoffMinMs: 1,
  backoffMaxMs: 4,
  silenceMs: 150,
  endGraceMs: 50,
}

const PATHS = {
  sync: { settings: { asyncCidThreshold: 1_000 }, extra: scenarios.happy(), pipeline: 'stages' },
  poll: { settings: { asyncCidThreshold: 0 }, extra: withoutFollow(), pipeline: 'stages' },
  follow: { settings: { asyncCidThreshold: 0 }, extra: scenarios.happy(), pipeline: 'stages' },
  run: { settings: {}, extra: scenarios.happy(), pipeline: 'job' },
  'run, polled': { settings: {}, extra: withoutFollow(), pipeline: 'job' },
} as const
type Path = keyof typeof PATHS

type End = `${'complete' | 'partial' | 'failed'}${'' | ` ${string}`}`
type Ends = End | Record<Path, End>

/** A job's fault leaves an answer given at once alone. */
function jobsOnly(end: End): Ends {
  return { sync: 'complete', poll: end, follow: end, run: end, 'run, polled': end }
}

const MATRIX: [Scenario, Ends][] = [
  [scenarios.happy(), 'complete'],
  [scenarios.partial('materials'), 'partial EVENTS_PARTIAL_FAILURE'],
  [scenarios.partial('history', 'materials'), 'partial EVENTS_PARTIAL_FAILURE'],
  [scenarios.truncateAt(3, 1), 'complete'],
  // A stream that can be resumed gets one line further each time, and arrives.
  [
    scenarios.truncateAt(1),
    {
      sync: 'failed STREAM_TRUNCATED',
      poll: 'failed STREAM_TRUNCATED',
      follow: 'complete',
      run: 'complete',
      'run, polled': 'failed STREAM_TRUNCATED',
    },
  ],
  [scenarios.cutAt(3, 1), 'complete'],
  [scenarios.cutAt(3, 2), 'complete'],
  [scenarios.dropLine(3, 1), 'complete'],
  [scenarios.duplicate(3, 1), 'complete'],
  [scenarios.damage(3, 1), 'complete'],
  [scenarios.damage(1), 'failed MALFORMED_LINE'],
  [scenarios.stall(400, 3), 'complete'],
  [scenarios.pieces(7), 'complete'],
  [scenarios.pollFails(502, 2), 'complete'],
  [scenarios.pollFails(0, 2), 'complete'],
  [scenarios.pollFails(403), jobsOnly('failed UNAUTHORIZED')],
  [scenarios.streamFails(502, 2), 'complete'],
  [scenarios.streamFails(0, 2), 'complete'],
  [scenarios.streamFails(502, Infinity), jobsOnly('failed RETRIES_EXHAUSTED')],
  [scenarios.rateLimited(2, 0), 'complete'],
  [scenarios.rateLimited(1, 31), 'failed TOO_MANY_REQUESTS'],
  [scenarios.workerDies(), jobsOnly('failed WORKER_LOST')],
  [scenarios.workerDies('seeds'), 'complete'],
  [scenarios.workerDies('lineage'), 'complete'],
  [scenarios.workerDies('events'), 'complete'],
  [scenarios.slowLineage(30), 'complete'],
  [scenarios.slowQueue(30), 'complete'],
  [scenarios.expires(), jobsOnly('failed JOB_RESULT_EXPIRED')],
  [scenarios.slow(2_000), 'complete'],
  [combine(scenarios.pieces(5), scenarios.cutAt(4, 2), scenarios.pollFails(503, 2)), 'complete'],
]

const server = setupServer()
const table: string[] = []
const cleanups: (() => unknown)[] = []

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
afterEach(async () => {
  server.resetHandlers()
  for (const cleanup of cleanups.splice(0)) await cleanup()
})
afterAll(() => {
  server.close()
  console.warn(['fault matrix: scenario | path | decoded | end | rows', ...table].join('\n'))
})

type Decoder = Pick<WorkerDecoder, 'decode'> & Partial<Pick<WorkerDecoder, 'fetch'>>

/** The worker's own code at the other end of a real channel: buffers are transferred. */
function workerDecoder(): WorkerDecoder {
  const decoder = createWorkerDecoder({
    startWorker() {
      const { port1, port2 } = new MessageChannel()
      serveDecoder(port2 as unknown as Parameters<typeof serveDecoder>[0])
      return Object.assign(port1, { onerror: null, terminate: () => port1.close() }) as never
    },
  })
  cleanups.push(decoder.dispose)
  return decoder
}

const DECODERS: Record<string, () => Decoder> = {
  inline: () => ({ decode: decodeTraceStream }),
  worker: () => ({ decode: workerDecoder().decode }),
  'worker, which fetches too': workerDecoder,
}

async function play(scenario: Scenario, path: Path, { decode, fetch }: Decoder) {
  const { settings, extra, pipeline } = PATHS[path]
  const handlers = createTraceHandlers({
    scenario: combine(scenario, extra),
    source: rowsSource({ rows: ROWS }),
    settings: { ...settings, streamBatchSize: 10 },
  })
  cleanups.push(handlers.close)
  server.use(...handlers.handlers)
  return collectTrace(
    runTrace(
      {
        profile: 'query_tool',
        params: { resolve_type: 'lot_id', values: ['x'] },
        domains: ['history', 'materials'],
      },
      {
        transport: {
          send: (request) =>
            fetch && request.isForDecode ? fetch(request.url, request) : createFetchTransport().send(request),
        },
        environment: { ...createBrowserEnvironment({ baseUrl: BASE_URL }), decode },
        policy,
        pipeline,
      },
    ),
  )
}

describe.each(Object.keys(DECODERS))('decoded in %s', (decoded) => {
  describe.each(Object.keys(PATHS) as Path[])('%s', (path) => {
    it.each(MATRIX.map(([scenario, ends]) => [scenario.name, scenario, ends] as const))(
      '%s ends as it must',
      async (name, scenario, ends) => {
        const { outcome, rows: held } = await play(scenario, path, DECODERS[decoded]!())
        const { seeds, ...rows } = held
        const end = 'error' in outcome ? `${outcome.status} ${outcome.error.code}` : outcome.status
        const counts = Object.entries(rows).map(([domain, list]) => `${domain} ${list.length}`)
        table.push(`${name} | ${path} | ${decoded} | ${end} | ${counts.join(', ')}`)

        expect(end).toBe(typeof ends === 'string' ? ends : ends[path])
        if (outcome.status === 'complete') expect(rows).toEqual(ROWS)
        if (outcome.status !== 'failed') expect(seeds?.length).toBe(path.startsWith('run') ? 1 : undefined)
        if (outcome.status === 'partial') {
          for (const domain of outcome.failedDomains) expect(rows).not.toHaveProperty(domain)
          for (const [domain, list] of Object.entries(rows))
            expect(list).toEqual(ROWS[domain as keyof typeof ROWS])
        }
        // Whatever the end: rows that are shown are the server's, in its order, none twice.
        for (const [domain, list] of Object.entries(rows)) {
          expect(list).toEqual(ROWS[domain as keyof typeof ROWS].slice(0, list.length))
        }
      },
    )
  })
})
