import { createBrowserEnvironment } from '../../src/browser/createBrowserEnvironment.js'
import { createFetchTransport } from '../../src/browser/createFetchTransport.js'
import { collectTrace } from '../../src/client/fixtures/collectTrace.js'
import { runTrace } from '../../src/client/run/runTrace.js'
import type { TraceCheckpoint } from '../../src/client/run/TraceCheckpoint.js'
import type { TraceQuestion } from '../../src/client/run/TraceQuestion.js'
import { decodeTraceStream } from '../../src/records/decodeTraceStream.js'
import { createRowDigest, type Ending } from './Ending.js'

/**
 * Asks a whole question as a page does, by the library's own client, and goes on from the checkpoint whenever that
 * ends with an error that can be retried.
 *
 * @param leaveAfterMs when the page is left once in the middle, and goes on with the rows it holds; `null`: never
 */
export async function askToEnd(
  base: string,
  question: TraceQuestion,
  leaveAfterMs: number | null,
  deadlineMs: number,
): Promise<Ending> {
  let from: TraceCheckpoint | undefined
  let held: Record<string, unknown[]> = {}
  let figures: unknown = null
  let leaving = leaveAfterMs
  let last: Ending = { complete: false, code: 'NEVER_ANSWERED', retryable: true }
  while (Date.now() < deadlineMs) {
    const patienceMs = deadlineMs - Date.now()
    const run = runTrace(question, {
      transport: createFetchTransport(),
      environment: { ...createBrowserEnvironment({ baseUrl: base }), decode: decodeTraceStream },
      signal: AbortSignal.timeout(Math.ceil(Math.min(leaving ?? patienceMs, patienceMs))),
      pipeline: 'job',
      from,
    })
    leaving = null
    const { outcome, rows, aggregation, updates } = await collectTrace(run, held)
    if (aggregation !== null || updates.some(({ type }) => type === 'rows-dropped')) figures = aggregation
    if (outcome.status === 'complete') {
      const digest = createRowDigest()
      for (const [domain, all] of Object.entries(rows)) digest.add(domain, all)
      digest.aggregate(figures)
      return { complete: true, digest: digest.finish(), rows: digest.rows() }
    }
    from = outcome.checkpoint
    held = rows
    if (outcome.status === 'aborted') continue
    const { code, retryable } = outcome.error
    last = { complete: false, code, retryable }
    if (!retryable) return last
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return last
}
