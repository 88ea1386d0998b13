const PROFILE = 'mid_section_defect'
const DOMAINS = ['upstream_history', 'materials']

/** A question that is ready to become jobs. */
export interface BenchQuestion {
  cidCount: number
  body: Record<string, unknown>
}

export interface BenchJob {
  status_url: string
  stream_url: string
  follow_url: string
  result_url: string
}

export interface EndedJob {
  status: string
  cid_count: number
  created_at: number
  completed_at: number
  progress_detail: { rows: number; bytes: number; seeds_total?: number | null }
}

/** Seeds and lineage of `2026-01-01` to `end`, so that what follows is the job alone. */
export async function prepare(url: string, end: string): Promise<BenchQuestion> {
  const params = { mode: 'date_range', date_range: ['2026-01-01', end], station: '測試' }
  const { seeds } = await post<{ seeds: { container_id: string }[] }>(url, 'seed-resolve', {
    profile: PROFILE,
    params,
  })
  const container_ids = seeds.map(({ container_id }) => container_id)
  const lineage = await post<{ lineage_id: string; cid_count: number }>(
    url,
    'lineage',
    { profile: PROFILE, container_ids, params },
    { Prefer: 'return=minimal' },
  )
  const body = { profile: PROFILE, lineage_id: lineage.lineage_id, domains: DOMAINS, params }
  return { cidCount: lineage.cid_count, body }
}

/** A job of its own, whatever was asked before. */
export function ask(url: string, { body }: BenchQuestion): Promise<BenchJob> {
  return post<BenchJob>(url, 'events-async', body, { 'Cache-Control': 'no-cache' })
}

/** The whole question of `2026-01-01` to `end` as a job of its own. */
export function askWhole(url: string, end: string): Promise<BenchJob> {
  const params = { mode: 'date_range', date_range: ['2026-01-01', end], station: '測試' }
  return post<BenchJob>(
    url,
    'run',
    { profile: PROFILE, params, domains: DOMAINS },
    { 'Cache-Control': 'no-cache' },
  )
}

export async function ended(url: string, { status_url }: BenchJob): Promise<EndedJob> {
  for (let n = 0; ; n++) {
    // Addresses of many clients, since one would run into its rate limit.
    const headers = { 'X-Forwarded-For': `10.9.${(n >> 8) & 255}.${n & 255}` }
    const job = (await (await fetch(url + status_url, { headers })).json()) as Omit<
      EndedJob,
      'completed_at'
    > & {
      completed_at: number | null
    }
    if (job.completed_at !== null) {
      if (job.status === 'completed') return { ...job, completed_at: job.completed_at }
      throw new Error(`The job ended ${job.status}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

async function post<T>(
  url: string,
  stage: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const response = await fetch(`${url}/api/trace/${stage}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${stage} was answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
