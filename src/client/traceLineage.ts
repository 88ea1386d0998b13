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
import { encoded, listText, STEP_ENTRIES } from './jsonText.js'
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
  const lineage = await counted(await inSlices(lineageAnswerInSteps(body), context), seedIds, context)
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

async function counted(
  lineage: LineageAnswer,
  seedIds: readonly string[],
  context: TraceContext,
): Promise<LineageAnswer> {
  const { ancestors, childrenMap, lineageId, cidCount } = lineage
  if (!ancestors && !childrenMap && !lineageId) {
    // Going on would ask for the seeds alone and look like an answer.
    throw new TraceError('UNEXPECTED_RESPONSE', 'The lineage answer has neither a lineage nor an id of one')
  }
  if (cidCount !== null || (!ancestors && !childrenMap)) return lineage
  const cids = await inSlices(mergeLineageInSteps(seedIds, lineage), context)
  return { ...lineage, cidCount: cids.length }
}
