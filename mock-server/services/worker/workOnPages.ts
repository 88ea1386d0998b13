import type { CommitProgress, RowQuery } from '../../ports/index.js'
import { createLogWriter } from './createLogWriter.js'
import { createQueryLimit } from './createQueryLimit.js'
import { fetchPages } from './fetchPages.js'
import type { Attempt, RunDeps } from './RunDeps.js'
import { together } from './together.js'

/** An attempt at a question that has neither seeds nor lineage: its domains are fetched page by page, side by side. */
export async function workOnPages(
  { lease, written, signal }: Attempt,
  { log, source, codec, clock, settings, warn = () => {} }: RunDeps,
  question: Omit<RowQuery, 'domain'>,
) {
  const limit = createQueryLimit(settings.sourceConcurrency)
  const progress = (): CommitProgress => ({ phase: 'fetching', currentDomain: null, cidsDone: 0 })
  const writer = createLogWriter({ log, codec, clock, batchRows: settings.streamBatchSize, progress }, lease)
  const open = lease.snapshot.domains.filter(({ state }) => state === 'waiting' || state === 'running')
  const works = open.map(({ name, checkpoint }) => (ended: AbortSignal) => {
    const task = {
      ...{ name, checkpoint },
      written: written.filter(({ domain }) => domain === name),
      query: (after: string | null, ahead: AbortSignal) =>
        source.rows({ ...question, domain: name }, { after, signal: ahead }),
    }
    return fetchPages({ clock, settings, writer, limit, warn }, task, ended)
  })
  await writer.whileShowing(signal, () => together(signal, works))
  signal.throwIfAborted()
}
