import * as v from 'valibot'
import { TraceError } from '../../../src/errors.js'
import { LIMITS } from '../../../src/protocol/index.js'
import type { ChunkCodec, SeedPage, SeedQuery, SourceSeed, StoredChunk } from '../../ports/index.js'
import { Count } from '../../ports/checkStored.js'
import { cacheList } from '../store/cacheList.js'
import { createSection, type Section } from '../store/createSection.js'
import type { Slices } from '../../../src/async/slices.js'
import { decodeItems, encodeItems, isA, splice } from '../store/fragments.js'
import { hashKey } from '../questions/hashKey.js'
import type { SeedRequest } from './readSeedRequest.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'
import { whenAway } from '../store/whenAway.js'

type Deps = Pick<TraceDeps, 'source' | 'store' | 'codec' | 'settings' | 'warn'> & { slices: Slices }

/** Seeds added between two places to stop. */
const STEP_SEEDS = 256

/** What an answer says before its seeds. */
const Head = v.object({
  seedCount: Count,
  /** What found nothing; `null` for a question by dates. */
  unmatched: v.nullable(v.object({ count: Count, values: v.array(v.string()) })),
})
type Head = v.InferOutput<typeof Head>

/**
 * The containers a question starts from, as the JSON answer.
 *
 * @throws {TraceError} `SEED_RESOLVE_FAILED`
 */
export async function resolveSeeds(
  deps: Deps,
  { query, asked }: SeedRequest,
  { owner, signal, fresh }: Caller,
): Promise<BodyChunks> {
  const { store, codec } = deps
  const cacheKey = `trace:seed:${query.profile}:${(await hashKey(asked)).slice(0, 12)}`
  const listKey = `resolved:${await hashKey([owner, query])}`

  const cached = fresh
    ? null
    : await whenAway(
        () => store.get(listKey),
        () => null,
      )
  if (cached) return answer(codec, cached, cacheKey)
  const chunks = await collectSeeds(deps, query, signal)
  await cacheList(deps, listKey, chunks)
  return answer(codec, chunks, cacheKey)
}

/** All pages of seeds, packed, behind a chunk that holds the head alone: nothing need hold all seeds to say it. */
async function collectSeeds(
  { source, codec, settings, slices }: Deps,
  query: SeedQuery,
  signal: AbortSignal,
): Promise<StoredChunk[]> {
  const seeds = createSection<SourceSeed>({ codec, batchSize: settings.idBatchSize, as: 'items' })
  const missing = new Set(query.by === 'values' ? query.values : [])
  let after: string | null = null
  do {
    const page: SeedPage = await source.resolveSeeds(query, { after, signal })
    await slices.run(addEach(page.seeds, seeds))
    for (const value of page.matched) missing.delete(value)
    after = page.next
  } while (after !== null)
  const unmatched = { count: missing.size, values: [...missing].slice(0, LIMITS.maxUnmatched) }
  const head: Head = { seedCount: seeds.size(), unmatched: query.by === 'values' ? unmatched : null }
  return [encodeItems(codec, [head]), ...seeds.finish()]
}

async function* answer(
  codec: ChunkCodec,
  list: AsyncIterable<StoredChunk> | Iterable<StoredChunk>,
  cacheKey: string,
): BodyChunks {
  const chunks = iterate(list)
  const first = await chunks.next()
  const [head] = first.done ? [] : decodeItems(codec, first.value, isA(Head))
  if (!head) throw new TraceError('CHUNK_MISSING', 'Stored seeds have no head')
  const { seedCount, unmatched } = head
  yield `{"stage":"seed-resolve","seed_count":${seedCount},"cache_key":${JSON.stringify(cacheKey)}`
  if (unmatched) {
    yield `,"unmatched_count":${unmatched.count},"unmatched":${JSON.stringify(unmatched.values)}`
  }
  yield ',"seeds":['
  yield* splice(chunks)
  yield ']}'
}

async function* iterate(
  list: AsyncIterable<StoredChunk> | Iterable<StoredChunk>,
): AsyncGenerator<StoredChunk> {
  yield* list
}

/** Packing 57,000 seeds in one go would keep everybody else waiting for 100 ms. */
function* addEach(seeds: SeedPage['seeds'], section: Section<SourceSeed>): Generator<void> {
  for (const [at, { container_id, container_name, lot_id }] of seeds.entries()) {
    section.add(container_id, { container_id, container_name, lot_id })
    if (at % STEP_SEEDS === 0) yield
  }
}
