import type { RequestKind } from './run.js'

const JSON_TYPE = { 'Content-Type': 'application/json' }
const MSD = 'mid_section_defect'
const DOMAINS = ['upstream_history', 'materials']

/** The longest range that may be asked for: 180 days. */
const PARAMS = { date_range: ['2026-01-01', '2026-06-30'], station: '測試' }

interface Lineage {
  ancestors: Record<string, string[]>
  seed_roots: Record<string, string>
}

/** What honest questions are made of: seeds of half a year, and where they come from. */
export interface Honest {
  seedIds: string[]
  /** Their names, in the same order. */
  seedNames: string[]
  lineage: Lineage
}

export async function askHonest(url: string): Promise<Honest> {
  const seeds = await post<{ seeds: { container_id: string; lot_id: string }[] }>(url, 'seed-resolve', {
    profile: MSD,
    params: PARAMS,
  })
  const seedIds = seeds.seeds.map(({ container_id }) => container_id)
  const lineage = await post<Lineage>(url, 'lineage', { profile: MSD, container_ids: seedIds })
  return { seedIds, seedNames: seeds.seeds.map(({ lot_id }) => lot_id), lineage }
}

/** Every kind of request that is measured: what pages ask, and the worst that fits into the limits or just does not. */
export function requestKinds({ seedIds, seedNames, lineage }: Honest): RequestKind[] {
  const { ancestors, seed_roots } = lineage
  const cids = [...new Set([...seedIds, ...Object.values(ancestors).flat()])]
  const events = { profile: 'query_tool', container_ids: ['A'], domains: ['history'] }
  const defects = { profile: MSD, container_ids: cids, domains: DOMAINS, params: PARAMS }
  const whole = { ...defects, seed_container_ids: seedIds, lineage: { ancestors, seed_roots } }
  const lots = { resolve_type: 'lot_id' }
  // Neighbours are of one family, which the factory makes once; these are of another each.
  const scattered = <T>(list: readonly T[], length: number) =>
    Array.from({ length }, (_, at) => list[(at * 61) % list.length]!)

  const few = seedIds.slice(0, 9_000)
  const fewAncestors = Object.fromEntries(few.map((id) => [id, ancestors[id] ?? []]))
  const fewCids = [...new Set([...few, ...Object.values(fewAncestors).flat()])]
  const some = {
    ...defects,
    container_ids: fewCids,
    seed_container_ids: few,
    lineage: { ancestors: fewAncestors },
  }

  return [
    kind('seeds of half a year', 'seed-resolve', JSON.stringify({ profile: MSD, params: PARAMS })),
    kind(
      `the whole lineage of ${count(seedIds.length)} seeds`,
      'lineage',
      JSON.stringify({ profile: MSD, container_ids: seedIds }),
    ),
    kind('the same, packed', 'lineage', JSON.stringify({ profile: MSD, container_ids: seedIds }), {
      'Accept-Encoding': 'gzip',
    }),
    kind(
      'a lineage of 5,000 seeds far from each other',
      'lineage',
      JSON.stringify({ profile: 'query_tool', container_ids: scattered(seedIds, 5_000) }),
    ),
    kind(`a job of ${count(cids.length)} ids with their lineage`, 'events', JSON.stringify(whole)),
    kind(
      'a job of 20,000 ids with that lineage',
      'events',
      JSON.stringify({ ...whole, container_ids: cids.slice(0, 20_000) }),
    ),
    kind(
      'an answer at once, of 20,000 ids, as lines',
      'events',
      JSON.stringify({ ...events, container_ids: cids.slice(0, 20_000) }),
      { Accept: 'application/x-ndjson' },
    ),
    kind('an answer at once, of 9,000 seeds with their lineage', 'events', JSON.stringify(some)),
    kind(
      'an answer at once, of 5,000 ids far from each other',
      'events',
      JSON.stringify({ ...events, domains: ['jobs', 'holds'], container_ids: scattered(seedIds, 5_000) }),
    ),
    kind(
      'seed-resolve with 3 M params',
      'seed-resolve',
      `{"profile":"query_tool","params":{"resolve_type":"lot_id","values":["A"],${keys(3e6)}}}`,
    ),
    kind(
      'seed-resolve of 5 M values',
      'seed-resolve',
      `{"profile":"query_tool","params":{"resolve_type":"lot_id","values":[${ids(5e6)}]}}`,
    ),
    kind(
      'seed-resolve of 10,000 values',
      'seed-resolve',
      JSON.stringify({
        profile: 'query_tool',
        params: { ...lots, values: Array.from({ length: 10_000 }, (_, i) => `GA${i}`.padEnd(90, 'x')) },
      }),
    ),
    kind(
      'seed-resolve of 10,000 lots far from each other',
      'seed-resolve',
      JSON.stringify({ profile: 'query_tool', params: { ...lots, values: scattered(seedNames, 10_000) } }),
    ),
    kind('a job with 3 M params', 'events-async', `{${inside(events)},"params":{${keys(3e6)}}}`),
    kind('4 M unknown domains', 'events', `{${inside(events)},"domains":[${ids(4e6)}]}`),
    kind('a lineage of 4 M ids', 'lineage', `{"profile":"query_tool","container_ids":[${ids(4e6)}]}`),
    kind('a job of 4 M ids', 'events', `{${inside(events)},"container_ids":[${ids(4e6)}]}`),
    kind('a job of 500,000 ids', 'events', `{${inside(events)},"container_ids":[${ids(500_000)}]}`),
    kind(
      'a job of 240,000 ids of 256 characters',
      'events',
      JSON.stringify({
        ...events,
        container_ids: Array.from({ length: 240_000 }, (_, i) => String(i).padStart(256, 'x')),
      }),
    ),
    kind(
      'a job of 300,000 ids written with escapes',
      'events',
      `{${inside(events)},"container_ids":[${names(300_000, '', '\\u0041\\u7ad9'.repeat(10))}]}`,
    ),
    kind('a lineage of 500,000 ids', 'lineage', `{"profile":"query_tool","container_ids":[${ids(500_000)}]}`),
    kind(
      'ancestors of 1.5 M keys',
      'events',
      `{${inside(defects)},"container_ids":["A"],"lineage":{"ancestors":{${lists(1.5e6)}}}}`,
    ),
    kind(
      'ancestors of 400,000 keys with five ids each',
      'events',
      `{${inside(defects)},"container_ids":["A"],"lineage":{"ancestors":{${lists(400_000, 5)}}}}`,
    ),
    kind('60 brackets, then 10 M lists', 'events', `{${inside(events)},"params":${deep(60, 1e7)}}`),
    kind(
      '2 M loss reasons',
      'events-async',
      `{${inside(events)},"profile":"${MSD}","params":{"loss_reasons":[${ids(2e6)}]}}`,
    ),
    kind('an unknown key with 30 MB of text', 'events', `{${inside(events)},"note":"${'x'.repeat(3e7)}"}`),
  ]
}

function kind(name: string, stage: string, body: string, headers: Record<string, string> = {}): RequestKind {
  return { name, path: `/api/trace/${stage}`, body, headers: { ...JSON_TYPE, ...headers } }
}

function inside(body: object): string {
  return JSON.stringify(body).slice(1, -1)
}

/** Names that differ, with something after each, and commas between. */
function names(length: number, after: string, before = 'k'): string {
  const parts: string[] = []
  for (let at = 0; at < length; at++) parts.push(`"${before}${at}"${after}`)
  return parts.join(',')
}

const ids = (length: number) => names(length, '')
const keys = (length: number) => names(length, ':1')

/** Entries of a map to lists of ids. */
function lists(length: number, each = 0): string {
  const parts: string[] = []
  for (let at = 0; at < length; at++) {
    const list = Array.from({ length: each }, (_, n) => `"a${(at * each + n) % 1_000_000}"`)
    parts.push(`"k${at}":[${list.join(',')}]`)
  }
  return parts.join(',')
}

function deep(brackets: number, length: number): string {
  return `${'['.repeat(brackets)}${'[],'.repeat(length)}[]${']'.repeat(brackets)}`
}

function count(value: number): string {
  return value.toLocaleString('en')
}

async function post<T>(url: string, stage: string, body: unknown): Promise<T> {
  const response = await fetch(`${url}/api/trace/${stage}`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${stage} was answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
