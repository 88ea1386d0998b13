import { toTraceError } from '../../errors.js'
import { eventsAnswer, type EventsAnswer } from '../../protocol/index.js'
import { rowsToBatch } from '../../records/rowsToBatch.js'
import { callApi } from '../http/callApi.js'
import { createRetryBudget } from '../http/createRetryBudget.js'
import { withQuery } from '../http/resolveUrl.js'
import { FAILED_DOMAIN, LOG_START, withDomain, type StreamPosition } from '../judge/StreamPosition.js'
import { mismatch, missing } from '../judge/streamFaults.js'
import type { RunContext } from '../run/TraceContext.js'
import { waitToRetry } from '../http/waitToRetry.js'

/**
 * Reads a finished job's rows page by page, for servers that stream nothing.
 *
 * @throws {TraceError} `COUNT_MISMATCH` when pages do not add up to the stored total, `DOMAIN_MISSING`, the
 *   server's word, `RETRIES_EXHAUSTED`
 */
export async function pageResult(
  { url, domains }: { url: string; domains: readonly string[] },
  context: RunContext,
): Promise<StreamPosition> {
  let position = LOG_START
  let aggregation: unknown = null
  for (const domain of domains) {
    let rows = 0
    for (let isLast = false; !isLast;) {
      const page = await readPage(url, domain, rows, context)
      aggregation = page.aggregation ?? aggregation
      const result = page.results.get(domain)
      if (!result) {
        if (!page.failedDomains.includes(domain) || rows > 0) throw missing(domain)
        position = withDomain(position, domain, FAILED_DOMAIN)
        await context.report({ type: 'domain-failed', domain, code: 'EVENTS_PARTIAL_FAILURE' })
        break
      }
      if (result.count !== null && result.count !== result.rows.length) {
        throw mismatch(`A page of "${domain}"`, result.rows.length, result.count)
      }
      const total = result.total ?? null
      if (rows === 0) await context.report({ type: 'domain-started', domain, total })
      if (result.rows.length > 0)
        await context.report({ type: 'rows', domain, batch: rowsToBatch(result.rows) })
      rows += result.rows.length
      isLast = total === null ? result.rows.length < context.policy.pageRows : rows >= total
      if ((isLast || result.rows.length === 0) && rows !== (total ?? rows)) {
        // A lost chunk moves later rows up, and only the total tells.
        throw mismatch(`"${domain}"`, rows, total ?? rows)
      }
      if (isLast) {
        position = withDomain(position, domain, { batches: 0, rows, total: rows, state: 'ended' })
        await context.report({ type: 'domain-ended', domain, count: rows })
      }
    }
  }
  if (aggregation !== null) await context.report({ type: 'aggregation', data: aggregation })
  return position
}

async function readPage(
  url: string,
  domain: string,
  offset: number,
  context: RunContext,
): Promise<EventsAnswer> {
  const { baseUrl } = context.environment
  const page = withQuery(url, { domain, offset, limit: context.policy.pageRows }, baseUrl)
  const budget = createRetryBudget(context)
  for (;;) {
    try {
      const timeoutMs = context.policy.stageTimeoutMs
      return eventsAnswer((await callApi({ method: 'GET', url: page, timeoutMs }, context)).body)
    } catch (cause) {
      context.signal.throwIfAborted()
      const error = toTraceError(cause)
      await waitToRetry(error, budget.spend(error), context)
    }
  }
}
