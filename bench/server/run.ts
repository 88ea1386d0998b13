import { fork } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { startTestRedis } from '../../mock-server/adapters/redis/startTestRedis.js'
import { ask, ended, prepare, type BenchJob, type BenchQuestion } from './askQuestion.js'
import type { LoadReport, LoadTask } from './load.js'
import { cpuMs, peakMb, residentMb } from './process.js'
import { readRaw } from './readRaw.js'
import { startServer, startWorker } from './startServer.js'

const FULL_END = '2026-05-31'
const SMALL_END = '2026-01-26'
const PAGE_ROWS = 5_000

interface Row {
  what: string
  values: number[]
  unit: string
  limit: string
  original: string
}

/** `npm run bench -- server [--rounds 5] [--end 2026-05-31] [--seconds 60] [--clients 1200]` */
export async function run(options: string[]) {
  const { values } = parseArgs({
    args: options,
    options: {
      rounds: { type: 'string', default: '5' },
      end: { type: 'string', default: FULL_END },
      seconds: { type: 'string', default: '60' },
      clients: { type: 'string', default: '1200' },
    },
  })
  const rounds = Number(values.rounds)
  const redis = await startTestRedis({ isPersistent: true })
  const admin = new Redis(redis.url)
  const server = await startServer(redis.url)
  const rows: Row[] = []
  function add(what: string, unit: string, limit: string, original: string): Row {
    const row = { what, unit, limit, original, values: [] }
    rows.push(row)
    return row
  }

  try {
    const full = await prepare(server.url, values.end)
    const small = await prepare(server.url, values.end === FULL_END ? SMALL_END : values.end)
    const used = async () => Number(/used_memory:(\d+)/.exec(await admin.info('memory'))![1])
    const work = (question: BenchQuestion) => runJob(redis.url, server.url, question)

    const peak = add(`worker, highest memory at ${full.cidCount} CIDs`, 'MB', '200', '1,523')
    const peakSmall = add(`worker, highest memory at ${small.cidCount} CIDs`, 'MB', '', '')
    const ratio = add('the one over the other', '×', '1.5', '')
    const stored = add('Redis memory over text', '×', '0.15', '1.15')
    const firstNow = add('first rows while the job runs, from the events request', 'ms', '', '')
    const firstLater = add('first rows after the job, from the stream request', 'ms', '1000', '')
    const page = add(`one page of ${PAGE_ROWS} rows`, 'ms', '30', '1770')
    const growth = add('growth of server memory over 50 pages', 'MB', '0', '1100')
    const cpu = add('server processor time per MB of text, gzip stream', 'ms', '0.5', '10')
    let job: BenchJob | null = null

    for (let round = 0; round < rounds; round++) {
      const before = await used()
      const result = await work(full)
      job = result.job
      peak.values.push(result.peakMb)
      firstNow.values.push(result.firstRowsMs)
      stored.values.push(((await used()) - before) / result.textBytes)
      const other = await work(small)
      peakSmall.values.push(other.peakMb)
      ratio.values.push(result.peakMb / other.peakMb)

      const client = { 'X-Forwarded-For': `10.8.0.${round}` }
      const spent = cpuMs(server.pid)
      const stream = await readRaw(server.url + job.stream_url, { ...client, 'Accept-Encoding': 'gzip' })
      cpu.values.push((cpuMs(server.pid) - spent) / (result.textBytes / 1e6))
      firstLater.values.push(stream.firstRowsMs ?? NaN)
      const pages = await readPages(server, job)
      page.values.push(...pages.tookMs)
      growth.values.push(pages.growthMb)
      await forget(admin, round < rounds - 1 ? [job, other.job] : [other.job])
    }
    print(rows, rounds)
    await printLoad(redis.url, server, full, Number(values.seconds), Number(values.clients))
  } finally {
    await server.stop()
    admin.disconnect()
    await redis.remove()
  }
}

/** A job in a worker of its own, followed while it runs. */
async function runJob(redisUrl: string, url: string, question: BenchQuestion) {
  const worker = await startWorker(redisUrl, url)
  try {
    const beganAt = performance.now()
    const job = await ask(url, question)
    const askedMs = performance.now() - beganAt
    const [stream, end] = await Promise.all([
      readRaw(url + job.follow_url, { 'Accept-Encoding': 'gzip', 'X-Forwarded-For': '10.7.0.1' }),
      ended(url, job),
    ])
    return {
      job,
      peakMb: peakMb(worker.pid),
      textBytes: end.progress_detail.bytes,
      firstRowsMs: askedMs + (stream.firstRowsMs ?? NaN),
    }
  } finally {
    await worker.stop()
  }
}

async function readPages(server: { url: string; pid: number }, { result_url }: BenchJob) {
  const tookMs: number[] = []
  let before = 0
  // The first ten let the server settle: its memory is compared after them.
  for (let n = 0; n < 60; n++) {
    if (n === 10) before = residentMb(server.pid)
    const query = `?domain=upstream_history&offset=${n * PAGE_ROWS}&limit=${PAGE_ROWS}`
    const answer = await readRaw(server.url + result_url + query, { 'X-Forwarded-For': `10.6.0.${n}` })
    if (answer.status !== 200) throw new Error(`A page was answered ${answer.status}`)
    if (n >= 10) tookMs.push(answer.tookMs)
  }
  return { tookMs, growthMb: residentMb(server.pid) - before }
}

async function forget(admin: Redis, jobs: BenchJob[]) {
  for (const { status_url } of jobs) {
    const id = status_url.split('/').at(-1)!
    const keys = await admin.keys(`*:trace:job:{${id}}:*`)
    if (keys.length > 0) await admin.unlink(...keys)
  }
}

function print(rows: readonly Row[], rounds: number) {
  const [cpu] = cpus()
  console.log(`${cpu?.model ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB,`)
  console.log(`Node ${process.version}; medians (lowest–highest) of ${rounds} rounds\n`)
  console.log('| what | measured | at most | original |')
  console.log('| --- | --- | --- | --- |')
  for (const { what, values, unit, limit, original } of rows) {
    const sorted = [...values].sort((a, b) => a - b)
    const median = sorted[Math.floor(sorted.length / 2)] ?? NaN
    const range = `${short(sorted[0] ?? NaN)}–${short(sorted.at(-1) ?? NaN)}`
    console.log(`| ${what} | ${short(median)} ${unit} (${range}) | ${limit} | ${original} |`)
  }
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

/** Followers and pollers of one running job, from another process. */
async function printLoad(
  redisUrl: string,
  server: { url: string; pid: number },
  question: BenchQuestion,
  seconds: number,
  clients: number,
) {
  const followers = Math.round(clients / 6)
  const worker = await startWorker(redisUrl, server.url)
  const before = residentMb(server.pid)
  const spent = cpuMs(server.pid)
  const { follow_url, status_url } = await ask(server.url, question)
  const task: LoadTask = {
    ...{ url: server.url, followUrl: follow_url, statusUrl: status_url },
    ...{ followers, pollers: clients - followers, seconds },
  }
  const generator = fork(join(import.meta.dirname, 'load.ts'), [JSON.stringify(task)])
  const report = await new Promise<LoadReport>((resolve, reject) => {
    generator.once('message', (message) => resolve(message as LoadReport))
    generator.once('exit', (code) => reject(new Error(`The generator ended with code ${code}`)))
  })
  const under = residentMb(server.pid)
  await worker.stop()
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  console.log(`\n${followers} followers and ${clients - followers} pollers of one job for ${seconds} s:`)
  console.log(`${report.requests} status requests, ${report.errors} errors ${JSON.stringify(report.kinds)};`)
  console.log(`p50 ${short(report.p50Ms)} ms, p99 ${short(report.p99Ms)} ms (at most 100);`)
  console.log(
    `server memory ${short(before)} MB before, ${short(under)} at the end, ${short(residentMb(server.pid))} after;`,
  )
  console.log(
    `processor: server ${short((cpuMs(server.pid) - spent) / 1000)} s, generator ${short(report.cpuMs / 1000)} s`,
  )
}
