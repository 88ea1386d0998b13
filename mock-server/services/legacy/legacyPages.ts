import type { LegacyResult } from '../../ports/index.js'
import { cutRows } from '../jobs/cutRows.js'
import type { JobResult, ResultPage } from '../jobs/readJobResult.js'
import type { BodyChunk } from '../store/bodyChunks.js'
import { mustBeWhole } from './legacyStream.js'
import { compact, fieldsOf, wholeRows } from './legacyText.js'

/**
 * A page of a result of the original service, its rows cut out of the stored text. Of a chunked one only the chunks of
 * the page are read: all are as long as the first, save for the last.
 *
 * @throws {TraceError} `CHUNK_MISSING`, before any of it is written
 */
export async function legacyPage(result: LegacyResult, page: ResultPage): Promise<JobResult> {
  return result.kind === 'whole' ? wholePage(result, page) : chunkedPage(result, page)
}

async function chunkedPage(
  result: Extract<LegacyResult, { kind: 'chunked' }>,
  { domain: wanted, offset, limit }: ResultPage,
): Promise<JobResult> {
  const results: BodyChunk[] = []
  let hasMore = false
  for (const { domain, chunks, total } of result.domains) {
    if (wanted !== null && wanted !== domain) continue
    const from = Math.min(offset, total)
    const to = limit > 0 ? Math.min(from + limit, total) : total
    hasMore ||= to < total
    const rows = from < to ? await rowsBetween(result.chunk, domain, chunks, from, to) : []
    if (results.length > 0) results.push(',')
    results.push(...domainPage(domain, rows, to - from, total))
  }
  const aggregation = (await result.aggregation()) ?? 'null'
  const failed = failureFields(result.failedDomains)
  return {
    body: inOrder(['{"stage":"events","results":{', ...results, `},"aggregation":${aggregation}${failed}}`]),
    nextOffset: hasMore ? offset + limit : null,
  }
}

/** Rows `from` up to, not including, `to` of one domain, as they are written, a part of the text for each chunk. */
async function rowsBetween(
  chunk: Extract<LegacyResult, { kind: 'chunked' }>['chunk'],
  domain: string,
  chunks: number,
  from: number,
  to: number,
): Promise<Uint8Array[]> {
  const first = await chunk(domain, 0)
  const size = Math.max(1, first.count)
  const parts: Uint8Array[] = []
  let found = 0
  for (let index = Math.floor(from / size); index < chunks && index * size < to; index++) {
    const { count, text } = index === 0 ? first : await chunk(domain, index)
    // Before the last chunk every one must be as long as the first, or rows would move up unseen.
    if (index < chunks - 1) mustBeWhole(domain, count, size)
    const begin = Math.max(0, from - index * size)
    const end = Math.min(count, to - index * size)
    if (begin >= end) continue
    parts.push(cutRows(compact(text), count, begin, end))
    found += end - begin
  }
  mustBeWhole(domain, found, to - from)
  return parts
}

/** As the original: a page only of a domain that is named and there; else everything. */
function wholePage(
  result: Extract<LegacyResult, { kind: 'whole' }>,
  { domain, offset, limit }: ResultPage,
): JobResult {
  const { text, rowCounts } = result
  const total = domain === null ? undefined : rowCounts.get(domain)
  if (domain === null || total === undefined) return { body: inOrder([text]), nextOffset: null }
  const from = Math.min(offset, total)
  const to = limit > 0 ? Math.min(from + limit, total) : total
  const rows = from < to ? [cutRows(wholeRows(result, domain), total, from, to)] : []
  const page = ['{', ...domainPage(domain, rows, to - from, total), '}']

  const body: BodyChunk[] = []
  for (const [name, value] of fieldsOf(new TextEncoder().encode(text))) {
    body.push(`${body.length > 0 ? ',' : '{'}${JSON.stringify(name)}:`)
    body.push(...(name === 'results' ? page : [value]))
  }
  return { body: inOrder([...body, '}']), nextOffset: limit > 0 && to < total ? offset + limit : null }
}

function domainPage(domain: string, rows: readonly Uint8Array[], count: number, total: number): BodyChunk[] {
  const data = rows.flatMap((part, index) => (index > 0 ? [',', part] : [part]))
  return [`${JSON.stringify(domain)}:{"data":[`, ...data, `],"count":${count},"total":${total}}`]
}

function failureFields(failedDomains: string[]): string {
  if (failedDomains.length === 0) return ''
  return `,"error":"one or more domains failed","code":"EVENTS_PARTIAL_FAILURE","failed_domains":${JSON.stringify(failedDomains)}`
}

async function* inOrder(chunks: readonly BodyChunk[]) {
  yield* chunks
}
