import { isCount } from '../../src/protocol/checks.js'
import type { ChunkCodec, SourceSeed, StoredChunk } from '../ports/index.js'
import { cacheList } from './cacheList.js'
import { decodeItems, encodeItemBatches, encodeItems, splice } from './fragments.js'
import { hashKey } from './hashKey.js'
import { invalid, isObject, parseProfile, type Body } from './parseRequest.js'
import { parseSeedQuery } from './parseSeedQuery.js'
import type { Pieces } from './pieces.js'
import type { Asker, TraceDeps } from './TraceDeps.js'
import { whenAway } from './whenAway.js'

type Deps = Pick<TraceDeps, 'source' | 'store' | 'codec' | 'clock' | 'settings' | 'warn'>

/**
 * The containers a question starts from, as the JSON answer.
 *
 * @throws {TraceError} `INVALID_PROFILE`, `INVALID_PARAMS`, `SEED_RESOLVE_FAILED`
 */
export async function resolveSeeds(deps: Deps, body: Body, { owner, signal, fresh }: Asker): Promise<Pieces> {
  const { store, codec, clock, settings, source } = deps
  const profile = parseProfile(body)
  const { params } = body
  if (!isObject(params)) throw invalid('params must be an object')
  const query = parseSeedQuery(profile, params)

  const { loss_reasons, ...rest } = params
  const asked = profile === 'mid_section_defect' ? rest : params
  const cacheKey = `trace:seed:${profile}:${(await hashKey(asked)).slice(0, 12)}`
  const listKey = `seeds:${await hashKey([owner, query])}`

  const cached = fresh
    ? null
    : await whenAway(
        () => store.get(listKey),
        () => null,
      )
  if (cached) return answer(codec, cached, cacheKey)
  const seeds = unique(await source.resolveSeeds(query, { signal }))
  const chunks = [encodeItems(codec, [seeds.length])]
  for (const chunk of encodeItemBatches(codec, seeds, settings.idBatchSize)) {
    chunks.push(chunk)
    // Packing 57,000 seeds in one go would keep everybody else waiting for 100 ms.
    await clock.sleep(0)
  }
  await cacheList(deps, listKey, chunks)
  return answer(codec, chunks, cacheKey)
}

/** The list begins with a chunk that holds the count alone, so that nothing need hold all seeds to say it. */
async function* answer(
  codec: ChunkCodec,
  list: AsyncIterable<StoredChunk> | Iterable<StoredChunk>,
  cacheKey: string,
): Pieces {
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

function unique(seeds: SourceSeed[]): SourceSeed[] {
  return [...new Map(seeds.map((seed) => [seed.container_id, seed])).values()]
}
