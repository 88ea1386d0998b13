import { TraceError } from '../errors.js'
import {
  lineageAnswerInSteps,
  mergeLineageInSteps,
  normalizeIdsInSteps,
  type LineageAnswer,
  type SeedAnswer,
  type WireLineageAnswer,
} from '../protocol/index.js'
import { callApi } from './callApi.js'
import { inSlices } from './inSlices.js'
import { encoded, listText, mapText, STEP_ENTRIES } from './jsonText.js'
import { endpoint } from './resolveUrl.js'
import type { TraceContext } from './TraceContext.js'
import type { TraceQuestion } from './TraceQuestion.js'
import type { TraceStep } from './TraceUpdate.js'

/** Of an answer, what the events request is made of, and counts. */
const MINIMAL: ReadonlySet<string> = new Set([
  'ancestors',
  'children_map',
  'seed_roots',
  'lineage_id',
  'cid_count',
  'total_nodes',
  'total_ancestor_count',
] satisfies (keyof WireLineageAnswer)[])

/**
 * The second stage: what the seeds came from, or became. A server that knows no `minimal` answers with nodes and edges
 * too, of 114,000 containers some 50 MB: they are left out as they come.
 */
export async function* traceLineage(
  { profile, params, lineage: detail = 'minimal' }: TraceQuestion,
  seeds: SeedAnswer,
  context: TraceContext,
) {
  yield { delta: { type: 'stage-started', stage: 'lineage' } } satisfies TraceStep
  // Let the page draw the seeds before work goes on.
  await context.environment.sleep(0, context.signal)
  const seedIds = await inSlices(
    normalizeIdsInSteps(seeds.seeds.map(({ containerId }) => containerId)),
    context,
  )
  const { body } = await callApi(
    {
      method: 'POST',
      url: endpoint('lineage', context.environment.baseUrl),
      headers: detail === 'minimal' ? { Prefer: 'return=minimal' } : {},
      body: await lineageBody({ profile, cache_key: seeds.cacheKey, params }, seedIds, context),
      timeoutMs: context.policy.stageTimeoutMs,
      wants: detail === 'minimal' ? (key) => MINIMAL.has(key) : undefined,
    },
    context,
  )
  const answer = await carried(await inSlices(lineageAnswerInSteps(body), context), seedIds, context)
  const lineage = detail === 'minimal' ? withoutMaps(answer) : answer
  yield { delta: { type: 'lineage', lineage }, checkpoint: { lineage } } satisfies TraceStep
  return lineage
}

async function lineageBody(envelope: object, seedIds: readonly string[], context: TraceContext) {
  if (seedIds.length <= STEP_ENTRIES) return JSON.stringify({ ...envelope, container_ids: seedIds })
  return await inSlices(encoded(lineageText(envelope, seedIds)), context)
}

function* lineageText(envelope: object, seedIds: readonly string[]): Generator<string> {
  yield `${JSON.stringify(envelope).slice(0, -1)},"container_ids":`
  yield* listText(seedIds)
  yield '}'
}

/** With what its events request needs of it: where the server has an id of it, that is all. */
async function carried(
  lineage: LineageAnswer,
  seedIds: readonly string[],
  context: TraceContext,
): Promise<LineageAnswer> {
  const { ancestors, childrenMap, lineageId, cidCount } = lineage
  if (lineageId) return lineage
  if (!ancestors && !childrenMap) {
    // Going on would ask for the seeds alone and look like an answer.
    throw new TraceError('UNEXPECTED_RESPONSE', 'The lineage answer has neither a lineage nor an id of one')
  }
  const containerIds = await inSlices(mergeLineageInSteps(seedIds, lineage), context)
  const eventsJson = await inSlices(encoded(eventsText(containerIds, seedIds, lineage)), context)
  return { ...lineage, cidCount: cidCount ?? containerIds.length, eventsJson }
}

function* eventsText(
  containerIds: readonly string[],
  seedIds: readonly string[],
  { ancestors, childrenMap, seedRoots }: LineageAnswer,
): Generator<string> {
  yield '"container_ids":'
  yield* listText(containerIds)
  yield ',"seed_container_ids":'
  yield* listText(seedIds)
  yield ',"lineage":{"ancestors":'
  yield* mapText(ancestors)
  yield ',"children_map":'
  yield* mapText(childrenMap)
  yield ',"seed_roots":'
  yield* mapText(seedRoots)
  yield '}'
}

/**
 * The maps have become bytes. As objects they were, of 57,000 seeds, a third of a million strings and a hundred thousand
 * keys, which the engine visited one by one in every pause of its collections: 16 ms of 25, now 7.
 */
function withoutMaps(lineage: LineageAnswer): LineageAnswer {
  const { ancestors: _, children_map: __, seed_roots: ___, ...raw } = lineage.raw
  return { ...lineage, ancestors: null, childrenMap: null, seedRoots: null, raw }
}
