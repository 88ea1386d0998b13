import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import Cursor from 'pg-cursor'
import type { SqlQuery } from '../../mock-server/adapters/sql/SqlDatabase.js'
import { startTestRedis } from '../../mock-server/testing/startTestRedis.js'
import { machine, today } from '../machine.js'
import { askWhole, ended } from '../server/askQuestion.js'
import { cpuMs, peakMb } from '../server/process.js'
import { readRaw } from '../server/readRaw.js'
import { report } from '../server/report.js'
import { startServer, startWorker } from '../server/startServer.js'
import { writeSection } from '../writeSection.js'
import { recordQueries } from './recordQueries.js'

/** Connections of the bare loop, and queries of a job in flight: the default. */
const CONNECTIONS = 4
const FETCH_SIZE = 5_000
const SOURCE = resolve(import.meta.dirname, '../../mock-server/dist/postgres.js')
/** Statements of sources that the database works on. */
const AT_WORK = `SELECT count(*)::int AS count FROM pg_stat_activity
  WHERE application_name = 'vue-trace-progress' AND state = 'active'`

interface Round {
  loopSeconds: number
  loopCpuSeconds: number
  jobSeconds: number
  jobCpuSeconds: number
  firstRowsMs: number
  peakMb: number
  /** From the cancel, or the kill of the worker, until the database works on nothing of it. */
  cancelledMs: number
  killedMs: number
}

/**
 * `npm run bench -- source --database postgres://… [--rounds 3] [--end 2026-05-31] [--write]`, after
 * `npm run build:server` and `npm run factory -- --to postgres://…`: a whole question of a factory in PostgreSQL, beside a
 * bare loop over the same queries.
 */
export async function run(options: string[]) {
  const { values } = parseArgs({
    args: options,
    options: {
      database: { type: 'string', default: 'postgres://127.0.0.1/factory' },
      rounds: { type: 'string', default: '3' },
      end: { type: 'string', default: '2026-05-31' },
      write: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds)
  const folder = mkdtempSync(join(tmpdir(), 'trace-bench-source-'))
  const config = join(folder, 'trace.config.mjs')
  const connection = JSON.stringify(values.database)
  writeFileSync(
    config,
    `import { createPostgresSource } from ${JSON.stringify(SOURCE)}\n` +
      `export default { source: createPostgresSource({ connection: ${connection} }) }\n`,
  )
  process.env.TRACE_CONFIG = config
  const queries = await recordQueries(values.database, values.end)
  const redis = await startTestRedis({ isPersistent: true })
  const server = await startServer(redis.url)
  const figures: Round[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      const loop = await readBare(values.database, queries)
      const job = await measureJob(redis.url, server.url, values.end)
      const ends = await measureEnds(values.database, redis.url, server.url, values.end)
      figures.push({ ...loop, ...job, ...ends })
      console.error(`round ${round + 1}:`, JSON.stringify(figures.at(-1)))
    }
  } finally {
    await server.stop()
    await redis.remove()
    rmSync(folder, { recursive: true })
  }
  const of = (name: keyof Round) => figures.map((each) => each[name])
  const figure = (what: string, unit: string, name: keyof Round, atMost: number | null = null) => {
    return { what, unit, atMost, values: of(name) }
  }
  const text = report({
    ...{ date: today(), machine: machine(), rounds, load: null },
    figures: [
      figure('first rows of events at a follower', 'ms', 'firstRowsMs', 2_000),
      figure('the whole job', 's', 'jobSeconds'),
      figure('the same queries in a bare loop', 's', 'loopSeconds'),
      {
        what: 'job to loop',
        unit: '×',
        atMost: 1.3,
        values: figures.map((each) => each.jobSeconds / each.loopSeconds),
      },
      figure('processor time of the worker', 's', 'jobCpuSeconds'),
      figure('processor time of the loop', 's', 'loopCpuSeconds'),
      figure('worker, highest memory', 'MB', 'peakMb', 250),
      figure('from a cancel to no statement', 'ms', 'cancelledMs', 1_000),
      figure('from the death of a worker to no statement', 'ms', 'killedMs', 5_000),
    ],
  })
  console.log(text)
  if (values.write) await writeSection('source', text)
}

/** The queries as a job sends them, each read to its end and forgotten. */
async function readBare(connection: string, queries: readonly SqlQuery[]) {
  const beganAt = performance.now()
  const began = process.cpuUsage()
  const waiting = queries.values()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () =>
      withClient(connection, async (client) => {
        await client.query('SET jit = off')
        for (const { text, params } of waiting) {
          const cursor = client.query(new Cursor(text, [...params]))
          while ((await cursor.read(FETCH_SIZE)).length === FETCH_SIZE);
          await cursor.close()
        }
      }),
    ),
  )
  const { user, system } = process.cpuUsage(began)
  return { loopSeconds: (performance.now() - beganAt) / 1_000, loopCpuSeconds: (user + system) / 1e6 }
}

async function measureJob(redisUrl: string, url: string, end: string) {
  const worker = await startWorker(redisUrl, url)
  try {
    const beganAt = performance.now()
    const job = await askWhole(url, end)
    const askedMs = performance.now() - beganAt
    const [stream, { created_at, completed_at }] = await Promise.all([
      readRaw(url + job.follow_url, { 'Accept-Encoding': 'gzip' }, '"domain":"upstream_history","batch":0'),
      ended(url, job),
    ])
    return {
      jobSeconds: completed_at - created_at,
      jobCpuSeconds: cpuMs(worker.pid) / 1_000,
      firstRowsMs: askedMs + (stream.firstRowsMs ?? NaN),
      peakMb: peakMb(worker.pid),
    }
  } finally {
    await worker.stop()
  }
}

/** A job that is cancelled, and one whose worker is killed, each while the database works for it. */
async function measureEnds(connection: string, redisUrl: string, url: string, end: string) {
  return withClient(connection, async (client) => {
    const atWork = async () => (await client.query<{ count: number }>(AT_WORK)).rows[0]!.count
    const until = async (isIt: (count: number) => boolean) => {
      const beganAt = performance.now()
      while (!isIt(await atWork())) await new Promise((resolve) => setTimeout(resolve, 5))
      return performance.now() - beganAt
    }
    const worker = await startWorker(redisUrl, url)
    try {
      const cancelled = await askWhole(url, end)
      await until((count) => count > 1)
      await fetch(url + cancelled.status_url, { method: 'DELETE' })
      const cancelledMs = await until((count) => count === 0)
      const orphaned = await askWhole(url, end)
      await until((count) => count > 1)
      process.kill(worker.pid, 'SIGKILL')
      const killedMs = await until((count) => count === 0)
      await fetch(url + orphaned.status_url, { method: 'DELETE' })
      return { cancelledMs, killedMs }
    } finally {
      await worker.stop()
    }
  })
}

async function withClient<T>(connection: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
