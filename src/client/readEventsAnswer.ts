import type { EventsAnswer } from '../protocol/index.js'
import { rowsToBatch } from '../records/index.js'
import { FAILED_DOMAIN, type DomainPosition } from './StreamPosition.js'
import { mismatch, missing } from './streamFaults.js'
import type { TraceDelta } from './TraceUpdate.js'

export interface WholeAnswer {
  deltas: TraceDelta[]
  domains: ReadonlyMap<string, DomainPosition>
}

/** Rows handed over at a time, as a server's stream would. */
const BATCH_ROWS = 5_000

/**
 * A whole events answer as the deltas a stream would have given, in steps: whoever runs the generator can let the page
 * draw in between.
 *
 * @param asked domains that must be there or be declared failed
 * @throws {TraceError} `COUNT_MISMATCH`, `DOMAIN_MISSING`, `UNEXPECTED_RESPONSE`, before any delta
 */
export function* readEventsAnswer(
  { results, aggregation, failedDomains }: EventsAnswer,
  asked: readonly string[],
): Generator<void, WholeAnswer> {
  const deltas: TraceDelta[] = []
  const domains = new Map<string, DomainPosition>()
  for (const [domain, { rows, count, total }] of results) {
    const counted = [count, total].find((number) => number !== null && number !== rows.length) ?? null
    if (counted !== null) {
      throw mismatch(`"${domain}"`, rows.length, counted)
    }
    deltas.push({ type: 'domain-started', domain, total: rows.length })
    for (let from = 0; from < rows.length; from += BATCH_ROWS) {
      deltas.push({ type: 'rows', domain, batch: rowsToBatch(rows.slice(from, from + BATCH_ROWS)) })
      yield
    }
    deltas.push({ type: 'domain-ended', domain, count: rows.length })
    domains.set(domain, { batches: 0, rows: rows.length, total: rows.length, state: 'ended' })
  }
  for (const domain of failedDomains) {
    deltas.push({ type: 'domain-failed', domain, code: 'EVENTS_PARTIAL_FAILURE' })
    domains.set(domain, FAILED_DOMAIN)
  }
  const absent = asked.find((domain) => !domains.has(domain))
  if (absent !== undefined) throw missing(absent)
  if (aggregation !== null) deltas.push({ type: 'aggregation', data: aggregation })
  return { deltas, domains }
}
