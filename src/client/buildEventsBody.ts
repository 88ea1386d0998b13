import {
  mergeLineageInSteps,
  normalizeIdsInSteps,
  type LineageAnswer,
  type SeedAnswer,
} from '../protocol/index.js'
import { inSlices } from './inSlices.js'
import { encoded, listText, mapText } from './jsonText.js'
import type { TraceContext } from './TraceContext.js'
import type { TraceQuestion } from './TraceQuestion.js'

/**
 * The body of an events request. By `lineage_id` it is small; without, it carries every id and the lineage
 * (54 MB at 114,000 CIDs): it is then written in slices, so that the page goes on drawing.
 */
export async function buildEventsBody(
  question: TraceQuestion,
  domains: readonly string[],
  seeds: SeedAnswer,
  lineage: LineageAnswer,
  context: TraceContext,
): Promise<string | Uint8Array<ArrayBuffer>> {
  const { profile, params } = question
  const envelope = { profile, domains, params, cache_key: seeds.cacheKey }
  if (lineage.lineageId) return JSON.stringify({ ...envelope, lineage_id: lineage.lineageId })

  const seedIds = await inSlices(
    normalizeIdsInSteps(seeds.seeds.map(({ containerId }) => containerId)),
    context,
  )
  const containerIds = await inSlices(mergeLineageInSteps(seedIds, lineage), context)
  return await inSlices(encoded(eventsText(envelope, seedIds, containerIds, lineage)), context)
}

function* eventsText(
  envelope: object,
  seedIds: readonly string[],
  containerIds: readonly string[],
  { ancestors, childrenMap, seedRoots }: LineageAnswer,
): Generator<string> {
  yield `${JSON.stringify(envelope).slice(0, -1)},"container_ids":`
  yield* listText(containerIds)
  yield ',"seed_container_ids":'
  yield* listText(seedIds)
  yield ',"lineage":{"ancestors":'
  yield* mapText(ancestors)
  yield ',"children_map":'
  yield* mapText(childrenMap)
  yield ',"seed_roots":'
  yield* mapText(seedRoots)
  yield '}}'
}
