import type { Slices } from '../../../src/async/slices.js'
import { isText } from '../../../src/protocol/checks.js'
import { normalizeIds } from '../../../src/protocol/index.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'
import { findJob } from '../jobs/findJob.js'
import { checkId, invalid } from '../questions/parseRequest.js'
import { collectLineage } from '../stages/collectLineage.js'
import { lineageProblem, sectionsAnswer } from '../stages/traceLineage.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import { encodeItems, unpackItems } from '../store/fragments.js'
import { findRunQuestion } from './findRunQuestion.js'

type Deps = Pick<TraceDeps, 'log' | 'source' | 'store' | 'codec' | 'settings' | 'warn'> & { slices: Slices }

/** Trees are looked at one by one. */
const MAX_SEEDS = 100

/**
 * Where some seeds of a run come from or went to, with names, nodes and edges: what a run keeps of its lineage is what
 * figures need, and a tree shows more.
 *
 * @throws {TraceError} `JOB_NOT_FOUND`, `JOB_RESULT_EXPIRED`; `INVALID_PARAMS` for a job that is no run, too many ids,
 *   none, or one that is no seed of it; `LINEAGE_TIMEOUT`, `LINEAGE_FAILED`
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
  const { direction } = await findRunQuestion(deps, jobId)
  await checkSeeds(deps, jobId, ids, signal)
  const seeds = { count: ids.length, chunks: [encodeItems(deps.codec, ids)] }
  const lineage = await collectLineage(deps, seeds, direction, { details: true, signal }).catch(
    (cause: unknown) => {
      // A caller who left is no failure of the source.
      if (signal.aborted) throw cause
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

/** @throws {TraceError} `INVALID_PARAMS` when one is no seed of the run; of one that goes on, no seed found so far */
async function checkSeeds(
  { log, codec }: Pick<Deps, 'log' | 'codec'>,
  jobId: string,
  ids: readonly string[],
  signal: AbortSignal,
) {
  const missing = new Set(ids)
  for await (const seeds of unpackItems(codec, log.list(jobId, 'seeds'), isText)) {
    signal.throwIfAborted()
    for (const id of seeds) missing.delete(id)
    if (missing.size === 0) return
  }
  throw invalid(`container_ids must be seeds of the job: ${[...missing][0]} is none`)
}
