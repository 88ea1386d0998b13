import { TraceError } from '../errors.js'
import {
  lineageAnswer,
  mergeLineage,
  normalizeIds,
  type LineageAnswer,
  type SeedAnswer,
} from '../protocol/index.js'
import { callApi } from './callApi.js'
import { endpoint } from './resolveUrl.js'
import type { TraceContext } from './TraceContext.js'
import type { TraceQuestion } from './TraceQuestion.js'
import type { TraceStep } from './TraceUpdate.js'

/** The second stage: what the seeds came from, or became. */
export async function* traceLineage(
  { profile, params, lineage: detail = 'minimal' }: TraceQuestion,
  seeds: SeedAnswer,
  context: TraceContext,
) {
  yield { delta: { type: 'stage-started', stage: 'lineage' } } satisfies TraceStep
  const seedIds = normalizeIds(seeds.seeds.map(({ containerId }) => containerId))
  const { body } = await callApi(
    {
      method: 'POST',
      url: endpoint('lineage', context.environment.baseUrl),
      headers: detail === 'minimal' ? { Prefer: 'return=minimal' } : {},
      body: JSON.stringify({ profile, container_ids: seedIds, cache_key: seeds.cacheKey, params }),
      timeoutMs: context.policy.stageTimeoutMs,
    },
    context,
  )
  const lineage = counted(lineageAnswer(body), seedIds)
  yield { delta: { type: 'lineage', lineage }, checkpoint: { lineage } } satisfies TraceStep
  return lineage
}

function counted(lineage: LineageAnswer, seedIds: readonly string[]): LineageAnswer {
  const { ancestors, childrenMap, lineageId, cidCount } = lineage
  if (!ancestors && !childrenMap && !lineageId) {
    // Going on would ask for the seeds alone and look like an answer.
    throw new TraceError('UNEXPECTED_RESPONSE', 'The lineage answer has neither a lineage nor an id of one')
  }
  if (cidCount !== null || (!ancestors && !childrenMap)) return lineage
  return { ...lineage, cidCount: mergeLineage(seedIds, lineage).length }
}
