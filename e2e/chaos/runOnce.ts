import type { TestRedis } from '../../mock-server/testing/startTestRedis.js'
import type { Random } from './createRandom.js'
import { planDisturbances } from './disturb.js'
import type { Ending } from './Ending.js'
import { followToEnd } from './followToEnd.js'
import { pageToEnd } from './pageToEnd.js'
import type { Stack } from './startStack.js'

export const DOMAINS = ['upstream_history', 'materials']
const PARAMS = { mode: 'date_range', date_range: ['2026-01-01', '2026-01-04'], station: '測試' }
const JOBS = 2
const PATIENCE_MS = 120_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface AcceptedJob {
  follow_url: string
  status_url: string
}

/** Asks for two jobs, lets clients follow and page them while things happen, and says how each client ended. */
export async function runOnce(
  stack: Stack,
  random: Random | null,
  redis: readonly TestRedis[],
  say: (text: string) => void,
): Promise<Ending[]> {
  const lineageId = await askLineage(stack.url)
  const jobs = await Promise.all(Array.from({ length: JOBS }, () => askEvents(stack.url, lineageId)))
  const beganAtMs = Date.now()
  const deadlineMs = beganAtMs + PATIENCE_MS
  const at = () => `${((Date.now() - beganAtMs) / 1000).toFixed(1)} s`

  const plan = random ? planDisturbances(random, stack, redis, 8_000) : []
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

  const clients = jobs.flatMap(({ follow_url, status_url }) => [
    ...[0, 1, 2].map(async () => {
      await pause(random?.between(0, 6_000) ?? 0)
      return followToEnd(stack.url, follow_url, deadlineMs)
    }),
    ...[700, 5_000].map(async (pageRows) => {
      await pause(random?.between(0, 6_000) ?? 0)
      return pageToEnd(stack.url, status_url, DOMAINS, pageRows, deadlineMs)
    }),
  ])
  const endings = await Promise.all(clients)
  await happening
  // A later client sees the same.
  const late = await Promise.all(jobs.map(({ follow_url }) => followToEnd(stack.url, follow_url, deadlineMs)))
  say(`  ${at()}  all clients have ended`)
  return [...endings, ...late]
}

async function askLineage(base: string): Promise<string> {
  const seeds = await post<{ seeds: { container_id: string }[] }>(base, 'seed-resolve', {
    profile: 'mid_section_defect',
    params: PARAMS,
  })
  const ids = seeds.seeds.map(({ container_id }) => container_id)
  const body = { profile: 'mid_section_defect', container_ids: ids, params: PARAMS }
  return (await post<{ lineage_id: string }>(base, 'lineage', body)).lineage_id
}

function askEvents(base: string, lineageId: string): Promise<AcceptedJob> {
  const body = { profile: 'mid_section_defect', lineage_id: lineageId, domains: DOMAINS, params: PARAMS }
  return post<AcceptedJob>(base, 'events-async', body, { 'Cache-Control': 'no-cache' })
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
