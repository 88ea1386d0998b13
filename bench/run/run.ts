import { parseArgs } from 'node:util'
import { startTestRedis } from '../../mock-server/testing/startTestRedis.js'
import { machine, today } from '../machine.js'
import { ended, type BenchJob } from '../server/askQuestion.js'
import { cpuMs, peakMb } from '../server/process.js'
import { readRaw } from '../server/readRaw.js'
import { median, report, spread, type Figure } from '../server/report.js'
import { startServer, startWorker } from '../server/startServer.js'
import { writeSection } from '../writeSection.js'

/** Queries of a job that are under way at once, and ids to a query: the defaults. */
const IN_FLIGHT = 4
const ID_BATCH = 1_000
const MOST_WITHOUT_DELAY_S = 24
const MOST_AT_200_S = 27

interface RunFigures {
  firstRowsMs: number
  seconds: number
  peakMb: number
  /** Processor time of the worker. */
  cpuSeconds: number
  rows: number
  /** Seeds by page, lineage and detections by batch of seeds, and two domains by batch of CIDs. */
  queries: number
}

/**
 * `npm run bench -- run [--rounds 5] [--end 2026-05-31] [--delays 0,50,200,1000] [--write]`, after
 * `npm run build:server`: a whole question as one job, by what each query takes longer than it must.
 */
export async function run(options: string[]) {
  const { values } = parseArgs({
    args: options,
    options: {
      rounds: { type: 'string', default: '5' },
      end: { type: 'string', default: '2026-05-31' },
      delays: { type: 'string', default: '0,50,200,1000' },
      write: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds)
  const delays = values.delays.split(',').map(Number)
  const redis = await startTestRedis({ isPersistent: true })
  const server = await startServer(redis.url)
  const byDelay = new Map(delays.map((delay) => [delay, [] as RunFigures[]]))
  try {
    for (let round = 0; round < rounds; round++) {
      for (const delay of delays) {
        const figures = await measure(redis.url, server.url, values.end, delay)
        console.error(`round ${round + 1}, ${delay} ms:`, JSON.stringify(figures))
        byDelay.get(delay)!.push(figures)
      }
    }
  } finally {
    await server.stop()
    await redis.remove()
  }
  const text = describe(rounds, byDelay)
  console.log(text)
  if (values.write) await writeSection('run', text)
}

async function measure(redisUrl: string, url: string, end: string, delayMs: number): Promise<RunFigures> {
  const worker = await startWorker(redisUrl, url, delayMs)
  try {
    const beganAt = performance.now()
    const job = await ask(url, end)
    const askedMs = performance.now() - beganAt
    const [stream, status] = await Promise.all([
      readRaw(
        url + job.follow_url,
        { 'Accept-Encoding': 'gzip', 'X-Forwarded-For': '10.7.0.1' },
        '"domain":"upstream_history","batch":0',
      ),
      ended(url, job),
    ])
    const { created_at, completed_at, cid_count, progress_detail: detail } = status
    const batches = (ids: number) => Math.ceil(ids / ID_BATCH)
    return {
      firstRowsMs: askedMs + (stream.firstRowsMs ?? NaN),
      seconds: completed_at - created_at,
      peakMb: peakMb(worker.pid),
      cpuSeconds: cpuMs(worker.pid) / 1_000,
      rows: detail.rows,
      queries: 3 * batches(detail.seeds_total ?? 0) + 2 * batches(cid_count),
    }
  } finally {
    await worker.stop()
  }
}

async function ask(url: string, end: string): Promise<BenchJob> {
  const params = { mode: 'date_range', date_range: ['2026-01-01', end], station: '測試' }
  const response = await fetch(`${url}/api/trace/run`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' },
    body: JSON.stringify({
      profile: 'mid_section_defect',
      params,
      domains: ['upstream_history', 'materials'],
    }),
  })
  if (response.status !== 202)
    throw new Error(`run was answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as BenchJob
}

function describe(rounds: number, byDelay: ReadonlyMap<number, readonly RunFigures[]>): string {
  const of = (delay: number, name: keyof RunFigures) => (byDelay.get(delay) ?? []).map((each) => each[name])
  const all = [...byDelay.values()].flat()
  const figure = (what: string, unit: string, atMost: number, values: number[]): Figure[] =>
    values.length > 0 ? [{ what, unit, atMost, values }] : []
  const table = [...byDelay.keys()].map((delay) => {
    const floor = (delay * median(of(delay, 'queries'))) / IN_FLIGHT / 1_000
    return `| ${delay} | ${spread(of(delay, 'seconds'))} | ${floor.toFixed(1)} | ${spread(of(delay, 'firstRowsMs'))} |`
  })
  return [
    report({
      ...{ date: today(), machine: machine(), rounds, load: null },
      figures: [
        ...figure('first rows of events at a follower, 200 ms a query', 'ms', 1_000, of(200, 'firstRowsMs')),
        ...figure('the whole job, 200 ms a query', 's', MOST_AT_200_S, of(200, 'seconds')),
        ...figure('the whole job, no delay', 's', MOST_WITHOUT_DELAY_S, of(0, 'seconds')),
        ...figure(
          'worker, highest memory',
          'MB',
          220,
          all.map((each) => each.peakMb),
        ),
      ],
    }),
    `${median(all.map(({ rows }) => rows)).toLocaleString('en')} rows of all domains, ${median(all.map(({ queries }) => queries))} queries, ${IN_FLIGHT} of them at once.`,
    '',
    '| delay of a query, ms | job, s | delay × queries ÷ 4, s | first rows of events, ms |',
    '| --- | --- | --- | --- |',
    ...table,
  ].join('\n')
}
