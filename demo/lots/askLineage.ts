import type { RecordList } from 'vue-trace-progress'
import {
  createBrowserEnvironment,
  createFetchTransport,
  DEFAULT_POLICY,
  runTrace,
  type LineageAnswer,
  type SeedAnswer,
  type TraceError,
  type TraceQuestion,
} from 'vue-trace-progress/core'

/** What a tree is made of. */
export type TreeLineage = Pick<LineageAnswer, 'ancestors' | 'childrenMap' | 'raw'>

export type LineageResult =
  | { status: 'found'; seeds: SeedAnswer['seeds']; lineage: TreeLineage | null }
  | { status: 'failed'; error: TraceError }

/** Most seeds that a run's lineage is asked for at once. */
const MAX_SEEDS = 100

/** The lineage of a run's first seeds; `null` when its server does not say. */
export async function askRunLineage(
  runId: string,
  seeds: RecordList,
  signal: AbortSignal,
): Promise<LineageResult | null> {
  const shown = seeds.slice(0, MAX_SEEDS).map(({ CONTAINERID, CONTAINERNAME, LOT_ID }) => ({
    containerId: String(CONTAINERID),
    containerName: CONTAINERNAME ? String(CONTAINERNAME) : null,
    lotId: LOT_ID ? String(LOT_ID) : null,
  }))
  const ids = shown.map(({ containerId }) => containerId).join(',')
  try {
    const query = new URLSearchParams({ container_ids: ids })
    const response = await fetch(`/api/trace/job/${runId}/lineage?${query}`, { signal })
    if (!response.ok) return null
    const raw = (await response.json()) as Record<string, unknown>
    const { ancestors = null, children_map: childrenMap = null } = raw as Record<string, Relatives>
    return { status: 'found', seeds: shown, lineage: { ancestors, childrenMap, raw } }
  } catch {
    return null
  }
}

type Relatives = LineageAnswer['ancestors']

/** The whole lineage of a question, with names and nodes: a trace that ends before its events. */
export async function askLineage(question: TraceQuestion, signal: AbortSignal): Promise<LineageResult> {
  const run = runTrace(
    { ...question, lineage: 'full' },
    {
      transport: createFetchTransport(),
      environment: createBrowserEnvironment(),
      policy: DEFAULT_POLICY,
      signal,
    },
  )
  let seeds: SeedAnswer['seeds'] = []
  for (;;) {
    const { done, value } = await run.next()
    if (done) {
      if (value.status === 'failed') return { status: 'failed', error: value.error }
      return { status: 'found', seeds, lineage: null }
    }
    if (value.type === 'seeds') seeds = value.seeds.seeds
    if (value.type !== 'lineage') continue
    await run.return({ status: 'aborted', checkpoint: value.checkpoint })
    return { status: 'found', seeds, lineage: value.lineage }
  }
}
