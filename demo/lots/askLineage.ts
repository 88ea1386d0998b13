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

export type LineageResult =
  | { status: 'found'; seeds: SeedAnswer['seeds']; lineage: LineageAnswer | null }
  | { status: 'failed'; error: TraceError }

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
