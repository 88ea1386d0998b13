import {
  lineageAnswerInSteps,
  normalizeIdsInSteps,
  type LineageAnswer,
  type SeedAnswer,
  type WireLineageAnswer,
} from '../../protocol/index.js'
import type { ApiCall } from '../http/callApi.js'
import { askStage } from './askStage.js'
import type { StageRetry } from './createStageRetry.js'
import { createLineageReader, encoded, listText, STEP_ITEMS } from './createLineageReader.js'
import { runInSlices } from '../../async/slices.js'
import { endpoint } from '../http/resolveUrl.js'
import { slicesOf, type RunContext, type TraceContext } from '../run/TraceContext.js'
import type { TraceQuestion } from '../run/TraceQuestion.js'

/** The keys of an answer that are needed, beside the maps, which have a reader of their own. */
const MINIMAL: ReadonlySet<string> = new Set([
  'lineage_id',
  'cid_count',
  'total_nodes',
  'total_ancestor_count',
] satisfies (keyof WireLineageAnswer)[])

/**
 * The second stage: what the seeds came from, or became. A server that knows no `minimal` answers with nodes and edges
 * too, some 50 MB for 114,000 containers. They are left out as they come.
 */
export async function traceLineage(
  { profile, params, lineage: detail = 'minimal' }: TraceQuestion,
  seeds: SeedAnswer,
  ask: StageRetry,
  context: RunContext,
): Promise<LineageAnswer> {
  await context.report({ type: 'stage-started', stage: 'lineage' })
  // Let the page draw the seeds before work goes on.
  await context.environment.sleep(0, context.signal)
  const seedIds = await runInSlices(
    normalizeIdsInSteps(seeds.seeds.map(({ containerId }) => containerId)),
    slicesOf(context),
  )
  const call: ApiCall = {
    method: 'POST',
    url: endpoint('lineage', context.environment.baseUrl),
    headers: detail === 'minimal' ? { Prefer: 'return=minimal' } : {},
    body: await lineageBody({ profile, cache_key: seeds.cacheKey, params }, seedIds, context),
    timeoutMs: context.policy.stageTimeoutMs,
    wants: detail === 'minimal' ? (key) => MINIMAL.has(key) : undefined,
  }
  let reader = createLineageReader()
  const callWithReader = () => {
    reader = createLineageReader()
    return { ...call, readers: reader.readers }
  }
  const body = await askStage('lineage', callWithReader, ask, context)
  let lineage: LineageAnswer = await runInSlices(lineageAnswerInSteps(body), slicesOf(context))
  if (!lineage.lineageId) {
    const { cidCount, eventsJson } = await runInSlices(reader.carry(seedIds), slicesOf(context))
    lineage = { ...lineage, cidCount: lineage.cidCount ?? cidCount, eventsJson }
  }
  await context.report({ type: 'lineage', lineage }, { lineage })
  return lineage
}

async function lineageBody(envelope: object, seedIds: readonly string[], context: TraceContext) {
  if (seedIds.length <= STEP_ITEMS) return JSON.stringify({ ...envelope, container_ids: seedIds })
  return await runInSlices(encoded(lineageText(envelope, seedIds)), slicesOf(context))
}

function* lineageText(envelope: object, seedIds: readonly string[]): Generator<string> {
  yield `${JSON.stringify(envelope).slice(0, -1)},"container_ids":`
  yield* listText(seedIds)
  yield '}'
}
