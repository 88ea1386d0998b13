import { parseArgs } from 'node:util'
import { exampleValues } from '../../mock-server/adapters/synthetic/exampleValues.js'
import { startTestRedis } from '../../mock-server/testing/startTestRedis.js'
import { machine, today } from '../machine.js'
import { askWhole, ended, type BenchJob } from '../server/askQuestion.js'
import { cpuMs, peakMb } from '../server/process.js'
import { readRaw } from '../server/readRaw.js'
import { median, report, spread, type Figure } from '../server/report.js'
import { startServer, startWorker, type Running } from '../server/startServer.js'
import { writeSection } from '../writeSection.js'

/** Queries of a job that are under way at once, and ids to a query: the defaults. */
const IN_FLIGHT = 4
const ID_BATCH = 1_000
const MOST_WITHOUT_DELAY_S = 24
const MOST_AT_200_S = 27
const MOST_FOR_LOTS_S = 0.5
const MOST_FOR_REASONS_S = 3
/** A loss reason of the synthetic factory. */
const OTHER_REASONS = ['晶片破裂']

interface RunFigures {
  firstRowsMs: number
  seconds: number
  peakMb: number
  /** Processor time of the worker. */
  cpuSeconds: number
  rows: number
  /** Seeds by page, lineage and detections by batch of seeds, and two domains by batch of CIDs. */
  queries: number
  /** `POST job/:id/aggregation` after the job. */
  otherReasonsSeconds: number
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
  const lotsSeconds: number[] = []
  const byDelay = new Map(delays.map((delay) => [delay, [] as RunFigures[]]))
  try {
    for (let round = 0; round < rounds; round++) {
      for (const delay of delays) {
        const figures = await measure(redis.url, server.url, values.end, delay)
        console.error(`round ${round + 1}, ${delay} ms:`, JSON.stringify(figures))
        byDelay.get(delay)!.push(figures)
      }
      lotsSeconds.push(await measureLots(redis.url, server.url, values.end, round))
      console.error(`round ${round + 1}, three lots beside two full jobs:`, lotsSeconds.at(-1), 's')
    }
  } finally {
    await server.stop()
    await redis.remove()
  }
  const text = describe(rounds, byDelay, lotsSeconds)
  console.log(text)
  if (values.write) await writeSection('run', text)
}

async function measure(redisUrl: string, url: string, end: string, delayMs: number): Promise<RunFigures> {
  const worker = await startWorker(redisUrl, url, delayMs)
  try {
    const beganAt = performance.now()
    const job = await askWhole(url, end)
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
    const otherReasonsSeconds = await aggregateAgain(url, job)
    return {
      firstRowsMs: askedMs + (stream.firstRowsMs ?? NaN),
      seconds: completed_at - created_at,
      peakMb: peakMb(worker.pid),
      cpuSeconds: cpuMs(worker.pid) / 1_000,
      rows: detail.rows,
      queries: 3 * batches(detail.seeds_total ?? 0) + 2 * batches(cid_count),
      otherReasonsSeconds,
    }
  } finally {
    await worker.stop()
  }
}

/** Three lots by name, asked while two workers have a full job each: from the question to its last line. */
async function measureLots(redisUrl: string, url: string, end: string, round: number): Promise<number> {
  // Without a delay, which would count for the lots too: the full jobs last long enough.
  // As the supervisor begins them; a worker of small jobs alone is none that the server counts, so it comes last.
  const workers: Running[] = []
  for (const takes of ['large', 'large', 'small']) workers.push(await startWorker(redisUrl, url, 0, takes))
  try {
    const full = [await askWhole(url, end), await askWhole(url, end)]
    for (const job of full) await running(url, job)
    const beganAt = performance.now()
    // Others in each round, which no cache knows.
    const params = {
      resolve_type: 'lot_id',
      values: exampleValues('lot_id', 3 * (round + 1)).slice(-3),
    }
    const lots = await post<BenchJob>(url, '/api/trace/run', { profile: 'query_tool', params })
    const { status } = await readRaw(url + lots.follow_url)
    const seconds = (performance.now() - beganAt) / 1_000
    if (status !== 200) throw new Error(`The lots' log was answered ${status}`)
    await ended(url, lots)
    for (const { status_url } of full) {
      const job = (await (await fetch(url + status_url)).json()) as { completed_at: number | null }
      if (job.completed_at !== null) throw new Error('A full job ended before the three lots')
    }
    await Promise.all(full.map(({ status_url }) => fetch(url + status_url, { method: 'DELETE' })))
    return seconds
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()))
  }
}

async function running(url: string, { status_url }: BenchJob) {
  for (;;) {
    const { started_at } = (await (await fetch(url + status_url)).json()) as { started_at: number | null }
    if (started_at !== null) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function aggregateAgain(url: string, { status_url }: BenchJob): Promise<number> {
  const beganAt = performance.now()
  await post(url, `${status_url}/aggregation`, { loss_reasons: OTHER_REASONS })
  return (performance.now() - beganAt) / 1_000
}

async function post<T>(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

function describe(
  rounds: number,
  byDelay: ReadonlyMap<number, readonly RunFigures[]>,
  lotsSeconds: number[],
): string {
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
        ...figure('three lots beside two full jobs', 's', MOST_FOR_LOTS_S, lotsSeconds),
        ...figure(
          'other loss reasons at full size',
          's',
          MOST_FOR_REASONS_S,
          all.map((each) => each.otherReasonsSeconds),
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
