import * as v from 'valibot'
import { TraceError } from '../../../src/errors.js'
import { isText, isTextList } from '../../../src/protocol/checks.js'
import type { BatchStore, ChunkCodec, StoredChunk } from '../../ports/index.js'
import { Count } from '../../ports/checkStored.js'
import type { TraceSettings } from '../../ports/TraceDeps.js'
import { encodeItems, isA, readEntries, readItems, unpackEntries, unpackItems } from '../store/fragments.js'

/** How long a job's question must be kept: as long as the job itself can last. */
export function questionTtlSeconds(
  settings: Pick<TraceSettings, 'jobTimeoutSeconds' | 'jobTtlSeconds'>,
): number {
  return settings.jobTimeoutSeconds + settings.jobTtlSeconds
}

/** What is asked, save for the long lists. */
export interface QuestionHead {
  profile: string
  params?: unknown
  domains: string[]
  cidCount: number
}

/** A question that is worked on; every list comes batch by batch, as often as asked for. */
export interface Question extends QuestionHead {
  cids: () => AsyncIterable<string[]>
  seedIds: () => AsyncIterable<string[]>
  /** `ancestors` or `children_map`, whichever the direction of `params` reads. */
  lineage: () => AsyncIterable<Record<string, string[]>>
  seedRoots: () => AsyncIterable<Record<string, string>>
}

/** A question at rest: `List` is what each of its lists is, wherever it lies. */
interface QuestionAtRest<List> extends QuestionHead {
  lists: { cids: List; seedIds: List; lineage: List; seedRoots: List }
}

/** A question that came whole, its lists packed. */
export type PackedQuestion = QuestionAtRest<StoredChunk[]>

/** A question as it is stored: its lists are keys of the `BatchStore`; `null` is an empty one. */
export type StoredQuestion = QuestionAtRest<string | null>

const StoredQuestion = v.object({
  profile: v.string(),
  params: v.optional(v.unknown()),
  domains: v.array(v.string()),
  cidCount: Count,
  lists: v.object({
    cids: v.string(),
    seedIds: v.nullable(v.string()),
    lineage: v.nullable(v.string()),
    seedRoots: v.nullable(v.string()),
  }),
})

interface Storage {
  store: Pick<BatchStore, 'get' | 'put'>
  codec: ChunkCodec
}

interface Reader {
  store: Pick<BatchStore, 'get'>
  codec: ChunkCodec
}

/** A question that came whole, read batch by batch. */
export function questionFromChunks({ lists, ...head }: PackedQuestion, codec: ChunkCodec): Question {
  return {
    ...head,
    cids: () => unpackItems(codec, lists.cids, isText),
    seedIds: () => unpackItems(codec, lists.seedIds, isText),
    lineage: () => unpackEntries(codec, lists.lineage, isTextList),
    seedRoots: () => unpackEntries(codec, lists.seedRoots, isText),
  }
}

/** A stored question, read from the store batch by batch. */
export function questionFromStore({ lists, ...head }: StoredQuestion, storage: Reader): Question {
  const items = (key: string | null) => (key ? readItems(storage, key, isText) : empty<string[]>())
  const entries = <T>(key: string | null, isValue: (value: unknown) => value is T) =>
    key ? readEntries(storage, key, isValue) : empty<Record<string, T>>()
  return {
    ...head,
    cids: () => items(lists.cids),
    seedIds: () => items(lists.seedIds),
    lineage: () => entries(lists.lineage, isTextList),
    seedRoots: () => entries(lists.seedRoots, isText),
  }
}

/** Stores the lists of a question that came whole, under keys that begin with `prefix`. */
export async function storeLists(
  store: Pick<BatchStore, 'put'>,
  { lists, ...head }: PackedQuestion,
  { prefix, ttlSeconds }: { prefix: string; ttlSeconds: number },
): Promise<StoredQuestion> {
  const keys = {
    cids: `${prefix}:cids`,
    seedIds: `${prefix}:seeds`,
    lineage: `${prefix}:lineage`,
    seedRoots: `${prefix}:roots`,
  }
  for (const list of Object.keys(keys) as (keyof typeof keys)[]) {
    await store.put(keys[list], lists[list], ttlSeconds)
  }
  return { ...head, lists: keys }
}

/** Stores what a worker needs to find to begin a job. */
export async function storeQuestion(
  { store, codec }: Storage,
  jobId: string,
  stored: StoredQuestion,
  ttlSeconds: number,
) {
  await store.put(questionKey(jobId), [encodeItems(codec, [stored])], ttlSeconds)
}

/** @throws {TraceError} `CHUNK_MISSING` */
export async function loadQuestion(reader: Reader, jobId: string): Promise<Question> {
  return questionFromStore(await findQuestion(reader, jobId), reader)
}

/** @throws {TraceError} `CHUNK_MISSING` */
async function findQuestion(reader: Reader, jobId: string): Promise<StoredQuestion> {
  for await (const [stored] of readItems(reader, questionKey(jobId), isA(StoredQuestion))) {
    if (stored) return stored
  }
  throw new TraceError('CHUNK_MISSING', `The question of job ${jobId} is empty`)
}

/**
 * Keeps a job's question for longer; `false` when a part of it is gone.
 *
 * @throws {TraceError} `STORE_UNAVAILABLE`
 */
export async function keepQuestion(
  { store, codec }: { store: Pick<BatchStore, 'get' | 'touch'>; codec: ChunkCodec },
  jobId: string,
  ttlSeconds: number,
): Promise<boolean> {
  if (!(await store.touch(questionKey(jobId), ttlSeconds))) return false
  const { lists } = await findQuestion({ store, codec }, jobId)
  for (const key of Object.values(lists)) if (key && !(await store.touch(key, ttlSeconds))) return false
  return true
}

/** Forgets the question of a job that is not wanted; a lineage it names is others' too, and stays. */
export async function dropQuestion(
  store: Pick<BatchStore, 'delete'>,
  jobId: string,
  { lists }: StoredQuestion,
) {
  const own = questionKey(jobId)
  for (const key of Object.values(lists)) if (key?.startsWith(own)) await store.delete(key)
  await store.delete(own)
}

/** Where the question of a job is kept; its lists are kept under keys that begin with it. */
export function questionKey(jobId: string): string {
  return `job:${jobId}`
}

async function* empty<T>(): AsyncGenerator<T> {}
