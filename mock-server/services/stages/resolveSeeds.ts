import { isCount } from '../../../src/protocol/checks.js'
import type { ChunkCodec, SourceSeed, StoredChunk } from '../../ports/index.js'
import { cacheList } from '../store/cacheList.js'
import { createSection, type Section } from '../store/createSection.js'
import type { Slices } from '../../../src/async/slices.js'
import { decodeItems, encodeItems, splice } from '../store/fragments.js'
import { hashKey } from '../questions/hashKey.js'
import type { SeedRequest } from './readSeedRequest.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'
import { whenAway } from '../store/whenAway.js'

type Deps = Pick<TraceDeps, 'source' | 'store' | 'codec' | 'settings' | 'warn'> & { slices: Slices }

/** Seeds added between two places to stop. */
const STEP_SEEDS = 256

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
  const { store, codec, settings, source, slices } = deps
  const cacheKey = `trace:seed:${query.profile}:${(await hashKey(asked)).slice(0, 12)}`
  const listKey = `seeds:${await hashKey([owner, query])}`

  const cached = fresh
    ? null
    : await whenAway(
        () => store.get(listKey),
        () => null,
      )
  if (cached) return answer(codec, cached, cacheKey)
  const found = await source.resolveSeeds(query, { signal })
  const seeds = createSection<SourceSeed>({ codec, batchSize: settings.idBatchSize, as: 'items' })
  await slices.run(addEach(found, seeds))
  const chunks = [encodeItems(codec, [seeds.size()]), ...seeds.finish()]
  await cacheList(deps, listKey, chunks)
  return answer(codec, chunks, cacheKey)
}

/** The list begins with a chunk that holds the count alone, so that nothing need hold all seeds to say it. */
async function* answer(
  codec: ChunkCodec,
  list: AsyncIterable<StoredChunk> | Iterable<StoredChunk>,
  cacheKey: string,
): BodyChunks {
  const chunks = iterate(list)
  const head = await chunks.next()
  const count = head.done ? 0 : (decodeItems(codec, head.value, isCount)[0] ?? 0)
  yield `{"stage":"seed-resolve","seed_count":${count},"cache_key":${JSON.stringify(cacheKey)},"seeds":[`
  yield* splice(chunks)
  yield ']}'
}

async function* iterate(
  list: AsyncIterable<StoredChunk> | Iterable<StoredChunk>,
): AsyncGenerator<StoredChunk> {
  yield* list
}

/** Packing 57,000 seeds in one go would keep everybody else waiting for 100 ms. */
function* addEach(seeds: readonly SourceSeed[], section: Section<SourceSeed>): Generator<void> {
  for (const [at, seed] of seeds.entries()) {
    section.add(seed.container_id, seed)
    if (at % STEP_SEEDS === 0) yield
  }
}
