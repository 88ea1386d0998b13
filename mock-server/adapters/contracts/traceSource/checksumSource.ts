import type { Row, TraceSource } from '../../../ports/index.js'
import { checkSource } from '../../../services/source/checkSource.js'
import {
  dayQuery,
  detectionQuery,
  detectionsOf,
  known,
  lotDomains,
  hasProfile,
  rowPages,
  rowQueries,
  rowsOf,
  seedIds,
  trace,
  type Exam,
} from './Exam.js'
import type { SourceFacts } from './SourceFacts.js'

/**
 * A number for each part of what a source says about what is known: two sources of one factory have the same. What the
 * port leaves open, such as the order of seeds, does not count.
 */
export async function checksumSource(
  source: TraceSource,
  facts: SourceFacts,
): Promise<Record<string, string>> {
  const { description } = checkSource(source)
  const sums: Record<string, string> = {}
  for (const [part, answer] of Object.entries(await answers({ source, description, facts }))) {
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(answer)))
    sums[part] = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
  }
  return sums
}

async function answers(exam: Exam) {
  const all: Record<string, unknown> = {}
  if (hasProfile(exam, ({ seeds }) => seeds?.dates)) all.seeds = (await seedIds(exam, dayQuery(exam))).sort()
  if (hasProfile(exam, ({ stages }) => stages.includes('lineage'))) {
    const back = await trace(exam, known(exam, 'ids'), 'backward', true)
    const on = await trace(exam, known(exam, 'ids'), 'forward', true)
    all.backward = [
      entries(back.ancestors),
      entries(back.parentMap),
      entries(back.mergeEdges),
      entries(back.seedRoots),
    ]
    all.forward = [[...on.roots].sort(), entries(on.childrenMap), entries(on.leafSerials)]
    all.details = [back, on].map(({ names, nodes, edges }) => [entries(names), lines(nodes), lines(edges)])
  }
  for (const domain of lotDomains(exam)) {
    all[domain] = cells(exam, domain, await rowsOf(exam, domain, known(exam, 'ids')))
  }
  if (hasProfile(exam, ({ figures }) => figures)) {
    all.detections = lines(await detectionsOf(exam, detectionQuery(exam, 'lots'), known(exam, 'ids')))
  }
  for (const [i, query] of rowQueries(exam).entries()) {
    const rows = (await rowPages(exam, query)).flatMap((page) => page.rows)
    all[`${query.domain} ${i}`] = cells(exam, query.domain, rows)
  }
  return all
}

function cells({ description }: Exam, domain: string, rows: readonly Row[]) {
  const columns = description.domains.find(({ name }) => name === domain)!.columns
  return rows.map((row) => columns.map(({ name }) => row[name] ?? null))
}

/** By key; lists of lots in one order. */
function entries(map: ReadonlyMap<string, string | readonly string[]>) {
  const list = [...map].map(
    ([id, value]) => [id, typeof value === 'string' ? value : [...value].sort()] as const,
  )
  return list.sort(([a], [b]) => (a < b ? -1 : 1))
}

function lines(objects: readonly object[]): string[] {
  return objects
    .map((each) => JSON.stringify(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort()
}
