import type { Direction, ProfileDescription, SourceDescription } from '../../../../src/protocol/index.js'
import type {
  BackwardLineage,
  Detection,
  DetectionQuery,
  ForwardLineage,
  Row,
  RowPage,
  RowQuery,
  SeedPage,
  SeedQuery,
  TraceSource,
} from '../../../ports/index.js'
import type { SourceFacts } from './SourceFacts.js'

/** A source with what it says of itself and what is known of it. */
export interface Exam {
  source: TraceSource
  description: SourceDescription
  facts: SourceFacts
}

/** One rule of the port. */
export interface Check {
  /** The rule, as the rest of a sentence that begins with the name of the source. */
  name: string
  /** Why it says nothing about this source; `null`: it does. */
  isBeside?: (exam: Exam) => string | null
  run: (exam: Exam) => Promise<void>
}

const PATIENCE_MS = 20_000
/** More pages than any answer of an exam has. */
const MOST_PAGES = 10_000

const { signal } = new AbortController()

/** @throws {Error} what to add to the facts */
export function known<K extends keyof SourceFacts>({ facts }: Exam, key: K): NonNullable<SourceFacts[K]> {
  const fact = facts[key]
  if (fact === undefined || fact === null) throw new Error(`The exam needs the fact "${key}" for this check.`)
  return fact
}

export function profilesWith(
  { description }: Exam,
  isIt: (profile: ProfileDescription) => unknown,
): ProfileDescription[] {
  return description.profiles.filter(isIt)
}

export function hasProfile(exam: Exam, isIt: (profile: ProfileDescription) => unknown): boolean {
  return profilesWith(exam, isIt).length > 0
}

/** All domains of profiles with seeds. */
export function lotDomains(exam: Exam): string[] {
  const lists = profilesWith(exam, ({ stages }) => stages.includes('seeds')).map(({ domains }) => domains)
  const names = lists.flatMap((list) => (Array.isArray(list) ? list : [...list.backward, ...list.forward]))
  return [...new Set(names)]
}

export async function seedPages({ source }: Exam, query: SeedQuery, from: string | null = null) {
  const pages: SeedPage[] = []
  for (let after = from; pages.length < MOST_PAGES;) {
    const page: SeedPage = await source.resolveSeeds(query, { after, signal })
    pages.push(page)
    if (page.next === null) return pages
    after = page.next
  }
  throw new Error(`Seeds have no end: ${MOST_PAGES} pages, and another token.`)
}

export async function seedIds(exam: Exam, query: SeedQuery): Promise<string[]> {
  return (await seedPages(exam, query)).flatMap(({ seeds }) => seeds.map((seed) => seed.container_id))
}

/** A question for the days that are known, by the first profile that asks so. */
export function dayQuery(exam: Exam): Extract<SeedQuery, { by: 'date_range' }> {
  const profile = profilesWith(exam, ({ seeds }) => seeds?.dates)[0]!.name
  return { profile, by: 'date_range', ...known(exam, 'days') }
}

export async function trace(
  exam: Exam,
  ids: readonly string[],
  direction: 'backward',
  details?: boolean,
): Promise<BackwardLineage>
export async function trace(
  exam: Exam,
  ids: readonly string[],
  direction: 'forward',
  details?: boolean,
): Promise<ForwardLineage>
export async function trace({ source }: Exam, ids: readonly string[], direction: Direction, details = false) {
  const lineage = await source.lineage([...ids], direction, { details, signal })
  if (lineage.direction !== direction) throw new Error(`Asked ${direction}, it went ${lineage.direction}.`)
  return lineage
}

/** All that a lot leads to over `next`, without itself. */
export function reachedFrom(id: string, next: ReadonlyMap<string, readonly string[]>): string[] {
  const reached = new Set([id])
  for (const each of reached) for (const other of next.get(each) ?? []) reached.add(other)
  reached.delete(id)
  return [...reached]
}

export function rowsOf({ source }: Exam, domain: string, ids: readonly string[]): Promise<Row[]> {
  return readAll(source.events(domain, [...ids], { signal }))
}

/** A question for figures about the days that are known, or about lots alone. */
export function detectionQuery(exam: Exam, by: 'days' | 'lots'): DetectionQuery {
  const profile = profilesWith(exam, ({ figures }) => figures)[0]!.name
  const { station, start, end } = known(exam, 'days')
  const rest = { profile, station, direction: 'backward', lossReasons: null } as const
  return by === 'days'
    ? { ...rest, mode: 'date_range', start, end }
    : { ...rest, mode: 'container', start: null, end: null }
}

export function detectionsOf(
  { source }: Exam,
  query: DetectionQuery,
  ids: readonly string[],
): Promise<Detection[]> {
  return readAll(source.detections(query, [...ids], { signal }))
}

/** The pages that follow `from`, asked for again wherever an answer ends before the last page. */
export async function rowPages(
  { source }: Exam,
  query: RowQuery,
  from: string | null = null,
): Promise<RowPage[]> {
  const pages: RowPage[] = []
  for (let after = from; pages.length < MOST_PAGES;) {
    const before = pages.length
    for await (const page of source.rows(query, { after, signal })) pages.push(page)
    if (pages.length === before)
      throw new Error(`Rows after ${after} have no page; the last page has next: null.`)
    after = pages.at(-1)!.next
    if (after === null) return pages
  }
  throw new Error(`Rows have no end: ${MOST_PAGES} pages, and another token.`)
}

/** The questions of profiles without seeds, for each of their domains. */
export function rowQueries(exam: Exam): RowQuery[] {
  return profilesWith(exam, isWithoutSeeds).flatMap(({ name: profile, domains }) => {
    const params = known(exam, 'rows')[profile]
    if (!params) throw new Error(`The exam needs params of ${profile} that find rows, in the fact "rows".`)
    const names = Array.isArray(domains) ? domains : domains.backward
    return names.flatMap((domain) => params.map((each) => ({ profile, domain, params: each })))
  })
}

export function isWithoutSeeds({ stages }: ProfileDescription): boolean {
  return !stages.includes('seeds')
}

/** @throws {Error} when it takes too long */
export async function soon<T>({ facts }: Exam, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      reject,
      facts.patienceMs ?? PATIENCE_MS,
      new Error('It has not ended, long after its abort.'),
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

async function readAll<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const batch of batches) for (const each of batch) all.push(each)
  return all
}
