import type { DomainCheckpoint, LogEntry, Row, RowPage } from '../../ports/index.js'
import { DOMAIN_BEGINNING } from '../../ports/ResultLog.js'
import { DomainFailure, failDomain, packOrFail } from './domainFailure.js'
import type { FetchParts } from './fetchDomain.js'

/** One domain of a question that has no ids, to be fetched from where it is. */
export interface PagesTask {
  name: string
  /** How far earlier attempts have come, and their entries. */
  checkpoint: DomainCheckpoint
  written: readonly LogEntry[]
  /** Asks the source for what follows `after`. */
  query: (after: string | null, signal: AbortSignal) => AsyncIterable<RowPage>
}

/** Longest token, in characters. */
const MAX_TOKEN = 1_000

/**
 * Fetches one domain page by page, from its checkpoint on. The token of a page is committed with its rows, so that
 * another attempt goes on behind them. The domain is declared failed when its source fails.
 *
 * @throws {TraceError} what the log throws; `signal.reason` on abort
 */
export async function fetchPages(parts: FetchParts, task: PagesTask, signal: AbortSignal) {
  const { writer, settings, limit } = parts
  const { name, checkpoint } = task
  const domain = writer.domain(name, task.written)
  let after = checkpoint.after ?? null
  let isWhole = checkpoint.after === null

  try {
    await writer.commit()
    while (!isWhole) {
      const before = after
      const end = await limit.begin(name, signal)
      try {
        for await (const { rows, next } of pagesOf(task.query(after, signal))) {
          signal.throwIfAborted()
          after = checkToken(next)
          await domain.add(packOrFail(rows, settings.streamBatchSize), { ...DOMAIN_BEGINNING, after })
        }
      } finally {
        end()
      }
      signal.throwIfAborted()
      // It would be asked for the same rows for ever.
      if (after !== null && after === before) throw new DomainFailure(`no rows follow ${before}`)
      isWhole = after === null
    }
    domain.end()
    await writer.commit()
  } catch (cause) {
    if (signal.aborted || !(cause instanceof DomainFailure)) throw cause
    await failDomain(parts, domain, name, cause)
  }
}

async function* pagesOf(pages: AsyncIterable<RowPage>): AsyncGenerator<{ rows: Row[]; next: string | null }> {
  try {
    yield* pages
  } catch (cause) {
    throw new DomainFailure('the source failed', { cause })
  }
}

function checkToken(next: string | null): string | null {
  if (next === null || (typeof next === 'string' && next !== '' && next.length <= MAX_TOKEN)) return next
  throw new DomainFailure(`next must be null or a text of at most ${MAX_TOKEN} characters`)
}
