import { fork } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { startTestRedis } from '../../mock-server/testing/startTestRedis.js'
import { ask, ended, prepare, type BenchJob, type BenchQuestion } from './askQuestion.js'
import type { LoadReport, LoadTask } from './load.js'
import { cpuMs, peakMb, residentMb } from './process.js'
import { readRaw } from './readRaw.js'
import { machine, today } from '../machine.js'
import { writeSection } from '../writeSection.js'
import { report, type Figure, type LoadFigures } from './report.js'
import { startServer, startWorker, type RunningServer } from './startServer.js'

const FULL_END = '2026-05-31'
const SMALL_END = '2026-01-26'
const PAGE_ROWS = 5_000
const PAGES = 50
/** Memory that counts as not grown, in MB: 50 pages are 80 MB of text. */
const GROWTH_PLAY_MB = 5
/** How long the server is left alone before its memory counts as what it is after the load. */
const SETTLE_MS = 20_000

/**
 * `npm run bench -- server [--rounds 5] [--end 2026-05-31] [--seconds 60] [--clients 1200] [--only load]
 * [--write]`, after `npm run build:server`.
 */
export async function run(options: string[]) {
  const { values } = parseArgs({
    args: options,
    options: {
      rounds: { type: 'string', default: '5' },
      end: { type: 'string', default: FULL_END },
      seconds: { type: 'string', default: '60' },
      clients: { type: 'string', default: '1200' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds)
  const clients = Number(values.clients)
  const redis = await startTestRedis({ isPersistent: true })
  const admin = new Redis(redis.url)
  const server = await startServer(redis.url)

  try {
    const full = await prepare(server.url, values.end)
    const figures =
      values.only === 'load'
        ? []
        : await measureJobs(
            { redisUrl: redis.url, admin, server },
            full,
            await prepare(server.url, values.end === FULL_END ? SMALL_END : values.end),
            rounds,
          )
    const load =
      clients > 0 ? await measureLoad(redis.url, server, full, Number(values.seconds), clients) : null
    const text = report({ date: today(), machine: machine(), rounds, figures, load })
    console.log(text)
    if (values.write) await writeSection('server', text)
  } finally {
    await server.stop()
    admin.disconnect()
    await redis.remove()
  }
}

interface Stack {
  redisUrl: string
  admin: Redis
  server: RunningServer
}

/** One job at a time: its worker, its followers, and its later readers. */
async function measureJobs(
  { redisUrl, admin, server }: Stack,
  full: BenchQuestion,
  small: BenchQuestion,
  rounds: number,
): Promise<Figure[]> {
  const figures: Figure[] = []
  function figure(what: string, unit: string, atMost: number | null, original?: string): number[] {
    const values: number[] = []
    figures.push({ what, unit, atMost, original, values })
    return values
  }
  const peak = figure(`worker, highest memory at ${count(full.cidCount)} CIDs`, 'MB', 200, '1,523 MB')
  const peakSmall = figure(`worker, highest memory at ${count(small.cidCount)} CIDs`, 'MB', null)
  const ratio = figure('the one over the other', '×', 1.5)
  const stored = figure('Redis memory over the text of the result', '×', 0.15, '1.15 ×')
  const firstRows = figure('first rows at a follower, from the events request', 'ms', 1_000, 'after the job')
  const later = figure('first rows at a later reader, from the stream request', 'ms', null)
  const page = figure(`one page of ${count(PAGE_ROWS)} rows`, 'ms', 30, '1,770 ms')
  const growth = figure(
    `growth of server memory over ${PAGES} pages`,
    'MB',
    GROWTH_PLAY_MB,
    '1,100 MB in one',
  )
  const garbage = figure('highest while they are read, above what it was before', 'MB', null)
  const gzip = 'processor time of the server per MB of text, gzip stream'
  const cpuFirst = figure(`${gzip} after a pause`, 'ms', 0.5, '10 ms')
  const cpu = figure(`${gzip} after another`, 'ms', 0.5, '10 ms')
  const used = async () => Number(/used_memory:(\d+)/.exec(await admin.info('memory'))![1])

  let latest: BenchJob | null = null
  for (let round = 0; round < rounds; round++) {
    if (latest) await forget(admin, latest)
    const before = await used()
    const result = await runJob(redisUrl, server.url, full)
    peak.push(result.peakMb)
    firstRows.push(result.firstRowsMs)
    stored.push(((await used()) - before) / result.textBytes)
    const other = await runJob(redisUrl, server.url, small)
    peakSmall.push(other.peakMb)
    ratio.push(result.peakMb / other.peakMb)

    const first = await readStream(server, result, `10.8.0.${round}`)
    later.push(first.firstRowsMs)
    cpuFirst.push(first.cpuMsPerMb)
    cpu.push((await readStream(server, result, `10.8.1.${round}`)).cpuMsPerMb)
    await forget(admin, other.job)
    latest = result.job
  }
  // Apart: a forced collection of the server's heap changes the cost of its next stream.
  for (let round = 0; latest && round < rounds; round++) {
    const pages = await readPages(server, latest, round)
    page.push(...pages.tookMs)
    growth.push(pages.growthMb)
    garbage.push(pages.garbageMb)
  }
  if (latest) await forget(admin, latest)
  return figures
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

/** A finished job's stream, whole, and what it cost the server. */
async function readStream(
  server: RunningServer,
  { job, textBytes }: { job: BenchJob; textBytes: number },
  address: string,
) {
  const spentMs = cpuMs(server.pid)
  const headers = { 'X-Forwarded-For': address, 'Accept-Encoding': 'gzip' }
  const { firstRowsMs } = await readRaw(server.url + job.stream_url, headers)
  return {
    firstRowsMs: firstRowsMs ?? NaN,
    cpuMsPerMb: (cpuMs(server.pid) - spentMs) / (textBytes / 1e6),
  }
}

/** Pages one after the other, and the server's memory before, meanwhile and after: what lives, what was ever taken. */
async function readPages(server: RunningServer, { result_url }: BenchJob, round: number) {
  const tookMs: number[] = []
  await server.collect()
  const before = residentMb(server.pid)
  let highest = before
  for (let n = 0; n < PAGES; n++) {
    const query = `?domain=upstream_history&offset=${n * PAGE_ROWS}&limit=${PAGE_ROWS}`
    const answer = await readRaw(server.url + result_url + query, { 'X-Forwarded-For': `10.6.${round}.${n}` })
    if (answer.status !== 200) throw new Error(`A page was answered ${answer.status}`)
    tookMs.push(answer.tookMs)
    highest = Math.max(highest, residentMb(server.pid))
  }
  await server.collect()
  return { tookMs, growthMb: residentMb(server.pid) - before, garbageMb: highest - before }
}

async function forget(admin: Redis, { status_url }: BenchJob) {
  const id = status_url.split('/').at(-1)!
  const keys = await admin.keys(`*:trace:job:{${id}}:*`)
  // Not unlinked: memory that is given back later would be the next job's gain.
  if (keys.length > 0) await admin.del(...keys)
}

/** Followers and pollers of one running job, from another process. */
async function measureLoad(
  redisUrl: string,
  server: RunningServer,
  question: BenchQuestion,
  seconds: number,
  clients: number,
): Promise<LoadFigures> {
  const followers = Math.round(clients / 6)
  const pollers = clients - followers
  // The queries alone take so long together: two domains, a query for 1,000 CIDs.
  const delayMs = Math.ceil((seconds * 1000) / (2 * Math.ceil(question.cidCount / 1000)))
  const worker = await startWorker(redisUrl, server.url, delayMs)
  await server.collect()
  const before = residentMb(server.pid)
  const spentMs = cpuMs(server.pid)
  const { follow_url, status_url } = await ask(server.url, question)
  const job = { url: server.url, followUrl: follow_url, statusUrl: status_url, seconds }
  const [following, polling] = await Promise.all([
    generate({ ...job, followers, pollers: 0 }),
    generate({ ...job, followers: 0, pollers }),
  ])
  const under = residentMb(server.pid)
  const serverCpuMs = cpuMs(server.pid) - spentMs
  await worker.stop()
  await settle(server.url)
  await server.collect()
  const memoryMb = { before, under, after: residentMb(server.pid) }
  return {
    ...polling,
    ...{ followers, pollers, seconds, serverCpuMs, memoryMb },
    errors: following.errors + polling.errors,
    kinds: { ...following.kinds, ...polling.kinds },
    followedMb: following.followedMb,
    cpuMs: following.cpuMs + polling.cpuMs,
  }
}

function generate(task: LoadTask): Promise<LoadReport> {
  const generator = fork(join(import.meta.dirname, 'load.ts'), [JSON.stringify(task)])
  return new Promise((resolve, reject) => {
    generator.once('message', (message) => resolve(message as LoadReport))
    generator.once('exit', (code) => reject(new Error(`A generator ended with code ${code}`)))
  })
}

/** Lets a server come to rest, as it does in use: asked by its balancer whether it is ready. */
async function settle(url: string) {
  for (const untilMs = Date.now() + SETTLE_MS; Date.now() < untilMs;) {
    await (await fetch(`${url}/readyz`)).body?.cancel()
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

function count(value: number): string {
  return value.toLocaleString('en')
}
