import { setTimeout as sleep } from 'node:timers/promises'
import type { TestRedis } from '../../mock-server/testing/startTestRedis.js'
import { askToEnd } from './askToEnd.js'
import type { Random } from './createRandom.js'
import { planDisturbances } from './disturb.js'
import type { Ending } from './Ending.js'
import { followToEnd } from './followToEnd.js'
import { pageToEnd } from './pageToEnd.js'
import { killAllIn, type RunStage } from './killAllIn.js'
import type { Stack } from './startStack.js'

const PROFILE = 'mid_section_defect'
const DOMAINS = ['upstream_history', 'materials']
/** What the log of a whole question has besides. */
const RUN_DOMAINS = ['seeds', 'detections', ...DOMAINS]
const PARAMS = { mode: 'date_range', date_range: ['2026-01-01', '2026-01-04'], station: '測試' }
/** As many as there are workers, so that all are at work. */
const EVENTS_JOBS = 1
const RUNS = 2
const PATIENCE_MS = 300_000
/** What a client that has given up may need to say so. */
const GRACE_MS = 30_000
const NEVER_ENDED: Ending = { complete: false, code: 'NEVER_ENDED', retryable: false }

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface AcceptedJob {
  follow_url: string
  status_url: string
}

/** How a client of either kind of job ended. */
export interface ClientEnding {
  of: 'events' | 'run'
  ending: Ending
}

/**
 * Asks for events and for whole questions, lets clients follow and page them while things happen, and says how each
 * client ended.
 *
 * @param deadly the stage of a whole question in which all workers are killed at once
 */
export async function runOnce(
  stack: Stack,
  random: Random | null,
  deadly: RunStage | null,
  redis: readonly TestRedis[],
  say: (text: string) => void,
): Promise<ClientEnding[]> {
  const lineageId = await askLineage(stack.url)
  const [events, runs] = await Promise.all([
    Promise.all(Array.from({ length: EVENTS_JOBS }, () => askEvents(stack.url, lineageId))),
    Promise.all(Array.from({ length: RUNS }, () => askRun(stack.url))),
  ])
  const jobs = [
    ...events.map((job) => ({ of: 'events' as const, job, domains: DOMAINS })),
    ...runs.map((job) => ({ of: 'run' as const, job, domains: RUN_DOMAINS })),
  ]
  const beganAtMs = Date.now()
  const deadlineMs = beganAtMs + PATIENCE_MS
  const at = () => `${((Date.now() - beganAtMs) / 1000).toFixed(1)} s`

  const killed = deadly && killAllIn(stack, runs[0]!.follow_url, deadly, (text) => say(`  ${at()}  ${text}`))
  const plan = random ? planDisturbances(random, stack, redis, 8_000, deadly ? 1 : 0) : []
  const happening = (async () => {
    let nodeBusy: Promise<void> = Promise.resolve()
    const all = plan.map(async ({ atMs, what, happen }) => {
      await pause(atMs)
      // One Redis cannot be ended twice at once.
      if (what.includes('Redis')) nodeBusy = nodeBusy.then(happen)
      say(`  ${at()}  ${what}`)
      await (what.includes('Redis') ? nodeBusy : happen())
    })
    await Promise.all(all)
  })()

  async function after(of: ClientEnding['of'], ask: () => Promise<Ending>): Promise<ClientEnding> {
    await pause(random?.between(0, 6_000) ?? 0)
    return { of, ending: await orNever(ask()) }
  }

  /** The ending of a client, or that it has none long after it should have given up. */
  async function orNever(ending: Promise<Ending>): Promise<Ending> {
    const late = new AbortController()
    const never = sleep(Math.max(0, deadlineMs - Date.now()) + GRACE_MS, null, { signal: late.signal })
    try {
      return (await Promise.race([ending, never])) ?? NEVER_ENDED
    } finally {
      late.abort()
      never.catch(() => {})
    }
  }
  const clients = jobs.flatMap(({ of, job: { follow_url, status_url }, domains }) => [
    ...[0, 1].map(() => after(of, () => followToEnd(stack.url, follow_url, deadlineMs))),
    ...[700, 5_000].map((pageRows) =>
      after(of, () => pageToEnd(stack.url, status_url, domains, pageRows, deadlineMs)),
    ),
  ])
  const question = { profile: PROFILE, params: PARAMS, domains: DOMAINS } as const
  const pages = [null, random?.between(500, 8_000) ?? 2_000].map((leaveAfterMs) =>
    after('run', () => askToEnd(stack.url, question, leaveAfterMs, deadlineMs)),
  )
  const endings = await Promise.all([...clients, ...pages])
  await happening
  await killed
  // A later client sees the same.
  const late = await Promise.all(
    jobs.map(async ({ of, job: { follow_url } }) => ({
      of,
      ending: await orNever(followToEnd(stack.url, follow_url, deadlineMs)),
    })),
  )
  say(`  ${at()}  all clients have ended`)
  return [...endings, ...late]
}

async function askLineage(base: string): Promise<string> {
  const seeds = await post<{ seeds: { container_id: string }[] }>(base, 'seed-resolve', {
    profile: PROFILE,
    params: PARAMS,
  })
  const ids = seeds.seeds.map(({ container_id }) => container_id)
  const body = { profile: PROFILE, container_ids: ids, params: PARAMS }
  return (await post<{ lineage_id: string }>(base, 'lineage', body)).lineage_id
}

function askEvents(base: string, lineageId: string): Promise<AcceptedJob> {
  const body = { profile: PROFILE, lineage_id: lineageId, domains: DOMAINS, params: PARAMS }
  return post<AcceptedJob>(base, 'events-async', body, { 'Cache-Control': 'no-cache' })
}

function askRun(base: string): Promise<AcceptedJob> {
  const body = { profile: PROFILE, params: PARAMS, domains: DOMAINS }
  return post<AcceptedJob>(base, 'run', body, { 'Cache-Control': 'no-cache' })
}

async function post<T>(
  base: string,
  stage: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const response = await fetch(`${base}/api/trace/${stage}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${stage} was answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
