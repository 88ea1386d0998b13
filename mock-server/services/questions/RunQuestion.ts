import * as v from 'valibot'
import { TraceError } from '../../../src/errors.js'
import { DIRECTIONS, type Direction } from '../../../src/protocol/index.js'
import type { BatchStore, ChunkCodec, Detection, SeedQuery, SourceParams } from '../../ports/index.js'
import { encodeItems, isA, readItems } from '../store/fragments.js'
import { hashKey } from './hashKey.js'
import { questionKey } from './Question.js'

const DAY_MS = 86_400_000

const OwnParams = v.record(
  v.string(),
  v.union([v.string(), v.number(), v.array(v.union([v.string(), v.number()]))]),
) satisfies v.GenericSchema<unknown, SourceParams>

const head = { profile: v.string(), params: v.optional(OwnParams) }

/** What a run begins with: seeds, or, where the profile has none, the rows themselves. */
type BeginningQuery = SeedQuery | { by: 'params'; profile: string; params?: SourceParams }

const Query: v.GenericSchema<unknown, BeginningQuery> = v.variant('by', [
  v.object({ ...head, by: v.literal('values'), resolveType: v.string(), values: v.array(v.string()) }),
  v.object({
    ...head,
    by: v.literal('date_range'),
    start: v.string(),
    end: v.string(),
    station: v.string(),
  }),
  v.object({ ...head, by: v.literal('params') }),
])

const StoredRunQuestion = v.object({
  profile: v.string(),
  params: v.record(v.string(), v.unknown()),
  // Both were told by the profile's name before sources described themselves.
  hasFigures: v.exactOptional(v.boolean()),
  hasLineage: v.exactOptional(v.boolean()),
  direction: v.picklist(DIRECTIONS),
  query: Query,
  domains: v.array(v.string()),
})

/** What the job of a whole question is to find out. */
export interface RunQuestion {
  profile: string
  /** Those that figures depend on; other questions have none. */
  params: Record<string, unknown>
  hasFigures: boolean
  hasLineage: boolean
  direction: Direction
  query: BeginningQuery
  /** Domains of event rows. */
  domains: string[]
}

/** The domains of a run's log: the seeds, what was measured of them, and the rows asked for. */
export function runDomains({
  query,
  hasFigures,
  domains,
}: Pick<RunQuestion, 'query' | 'hasFigures' | 'domains'>): string[] {
  const seeds = query.by === 'params' ? [] : ['seeds']
  return [...seeds, ...(hasFigures ? ['detections'] : []), ...domains]
}

/** How much is asked for: days of a question by dates, values, or the question itself. */
export function runUnits({ query }: Pick<RunQuestion, 'query'>): number {
  if (query.by === 'values') return query.values.length
  if (query.by === 'params') return 1
  return 1 + Math.round((Date.parse(query.end) - Date.parse(query.start)) / DAY_MS)
}

/** The same for the same caller, asking the same. */
export function nameRun(owner: string, question: RunQuestion): Promise<string> {
  return hashKey(['run', owner, question])
}

interface Storage {
  store: Pick<BatchStore, 'get' | 'put'>
  codec: ChunkCodec
}

export async function storeRunQuestion(
  { store, codec }: Storage,
  jobId: string,
  question: RunQuestion,
  ttlSeconds: number,
) {
  await store.put(questionKey(jobId), [encodeItems(codec, [question])], ttlSeconds)
}

/** @throws {TraceError} `CHUNK_MISSING` */
export async function loadRunQuestion(
  reader: Pick<Storage, 'codec'> & { store: Pick<BatchStore, 'get'> },
  jobId: string,
): Promise<RunQuestion> {
  for await (const [question] of readItems(reader, questionKey(jobId), isA(StoredRunQuestion))) {
    if (!question) continue
    return { hasFigures: question.profile === 'mid_section_defect', hasLineage: true, ...question }
  }
  throw new TraceError('CHUNK_MISSING', `The question of job ${jobId} is empty`)
}

/** Keeps a run's question for longer; `false` when it is gone. @throws {TraceError} `STORE_UNAVAILABLE` */
export function keepRunQuestion(
  store: Pick<BatchStore, 'touch'>,
  jobId: string,
  ttlSeconds: number,
): Promise<boolean> {
  return store.touch(questionKey(jobId), ttlSeconds)
}

/** Forgets the question of a run that is not wanted. */
export async function dropRunQuestion(store: Pick<BatchStore, 'delete'>, jobId: string) {
  await store.delete(questionKey(jobId))
}

/** A detection as a run keeps it. */
export const isStoredDetection = isA(
  v.object({
    containerId: v.string(),
    lotId: v.string(),
    product: v.nullable(v.string()),
    isRework: v.boolean(),
    date: v.string(),
    inputQty: v.number(),
    defects: v.array(v.object({ reason: v.string(), qty: v.number() })),
  }) satisfies v.GenericSchema<unknown, Detection>,
)
