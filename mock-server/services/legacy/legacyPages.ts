import type { LegacyResult } from '../../ports/index.js'
import { mustBeWhole } from './legacyStream.js'
import type { JobResult, ResultPage } from '../jobs/readJobResult.js'

/**
 * A page of a result of the original service. Of a chunked one only the chunks of the page are read: all are as
 * long as the first, save for the last.
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
  const results: Record<string, unknown> = {}
  let hasMore = false
  for (const { domain, chunks, total } of result.domains) {
    if (wanted !== null && wanted !== domain) continue
    const from = Math.min(offset, total)
    const to = limit > 0 ? Math.min(from + limit, total) : total
    hasMore ||= to < total
    const data = from < to ? await rowsBetween(result.chunk, domain, chunks, from, to) : []
    mustBeWhole(domain, data.length, to - from)
    results[domain] = { data, count: data.length, total }
  }
  // As text: parsed and written anew, its long numbers would be rounded.
  const aggregation = (await result.aggregation()) ?? 'null'
  const start = JSON.stringify({ stage: 'events', results }).slice(0, -1)
  const end = JSON.stringify(failure(result.failedDomains)).slice(1)
  return {
    body: verbatim(`${start},"aggregation":${aggregation}${end === '}' ? end : `,${end}`}`),
    nextOffset: hasMore ? offset + limit : null,
  }
}

async function rowsBetween(
  chunk: Extract<LegacyResult, { kind: 'chunked' }>['chunk'],
  domain: string,
  chunks: number,
  from: number,
  to: number,
): Promise<unknown[]> {
  const read = async (index: number) => (await chunk(domain, index)).rows
  const first = await read(0)
  const size = Math.max(1, first.length)
  const rows: unknown[] = []
  for (let index = Math.floor(from / size); index < chunks && index * size < to; index++) {
    const here = index === 0 ? first : await read(index)
    const skip = Math.max(0, from - index * size)
    // Before the last chunk every one must be as long as the first, or rows would move up unseen.
    if (index < chunks - 1) mustBeWhole(domain, here.length, size)
    for (const row of here.slice(skip, to - index * size)) rows.push(row)
  }
  return rows
}

/** As the original: a page only of a domain that is named and there; else everything. */
function wholePage(
  { text, answer, results }: Extract<LegacyResult, { kind: 'whole' }>,
  { domain, offset, limit }: ResultPage,
): JobResult {
  const named = domain !== null && Object.hasOwn(results, domain) ? results[domain]! : null
  if (!named) return { body: verbatim(text), nextOffset: null }
  const total = named.data.length
  const end = limit > 0 ? offset + limit : total
  const data = named.data.slice(offset, end)
  const page = { [domain!]: { data, count: data.length, total } }
  return { body: whole({ ...answer, results: page }), nextOffset: limit > 0 && end < total ? end : null }
}

function failure(failedDomains: string[]) {
  if (failedDomains.length === 0) return {}
  const code = 'EVENTS_PARTIAL_FAILURE'
  return { error: 'one or more domains failed', code, failed_domains: failedDomains }
}

async function* verbatim(text: string) {
  yield text
}

async function* whole(answer: unknown) {
  yield JSON.stringify(answer)
}
