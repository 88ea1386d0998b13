import type { Slices } from '../../../src/async/slices.js'
import { isTraceError, TraceError } from '../../../src/errors.js'
import { normalizeIds } from '../../../src/protocol/index.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'
import { findJob } from '../jobs/findJob.js'
import { checkId, invalid } from '../questions/parseRequest.js'
import { loadRunQuestion, type RunQuestion } from '../questions/RunQuestion.js'
import { collectLineage } from '../stages/collectLineage.js'
import { lineageProblem, sectionsAnswer } from '../stages/traceLineage.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import { encodeItems } from '../store/fragments.js'

type Deps = Pick<TraceDeps, 'log' | 'source' | 'store' | 'codec' | 'settings' | 'warn'> & { slices: Slices }

/** Trees are looked at one by one. */
const MAX_SEEDS = 100

/**
 * Where some seeds of a run come from or went to, with names, nodes and edges: what a run keeps of its lineage is what
 * figures need, and a tree shows more.
 *
 * @throws {TraceError} `JOB_NOT_FOUND`, `JOB_RESULT_EXPIRED`; `INVALID_PARAMS` for a job that is no run, too many ids or
 *   none; `LINEAGE_TIMEOUT`, `LINEAGE_FAILED`
 */
export async function traceJobLineage(
  deps: Deps,
  jobId: string,
  containerIds: readonly string[],
  { owner, signal }: Caller,
): Promise<BodyChunks> {
  const ids = normalizeIds(containerIds)
  if (ids.length === 0) throw invalid('container_ids must contain at least one id')
  if (ids.length > MAX_SEEDS) throw invalid(`container_ids must contain at most ${MAX_SEEDS} ids`)
  for (const id of ids) checkId(id, 'container_ids')
  const { kind } = await findJob(deps.log, jobId, owner)
  if (kind !== 'run') throw invalid('the job is no run: ask POST /api/trace/lineage')
  const { direction } = await findQuestion(deps, jobId)
  const seeds = { count: ids.length, chunks: [encodeItems(deps.codec, ids)] }
  const lineage = await collectLineage(deps, seeds, direction, { details: true, signal }).catch(
    (cause: unknown) => {
      throw lineageProblem(cause, deps.warn)
    },
  )
  const { cidCount, totalNodes, totalAncestors, sections } = lineage
  const facts = {
    stage: 'lineage',
    cid_count: cidCount,
    total_nodes: totalNodes,
    ...(totalAncestors === null ? {} : { total_ancestor_count: totalAncestors }),
  }
  return sectionsAnswer(facts, direction, [...sections.keys()], async (list) =>
    list === 'seeds' ? lineage.seedIds : (sections.get(list) ?? []),
  )
}

async function findQuestion(deps: Deps, jobId: string): Promise<RunQuestion> {
  try {
    return await loadRunQuestion(deps, jobId)
  } catch (cause) {
    if (!isTraceError(cause) || cause.code !== 'CHUNK_MISSING') throw cause
    throw new TraceError('JOB_RESULT_EXPIRED', "the job's question is no longer stored; ask anew")
  }
}
