import type { ChunkCodec, JobSnapshot, LogEntry, ResultLog } from '../../ports/index.js'
import { cutRows } from './cutRows.js'
import { findJob, mustBeComplete } from './findJob.js'
import { allEntries, failedDomains, validEntries, type RecordsEntry } from '../log/logEntries.js'
import { AGGREGATION_START, lineData, recordsStart } from '../log/logLines.js'
import type { BodyChunk, BodyChunks } from '../store/bodyChunks.js'

interface Parts {
  log: ResultLog
  codec: ChunkCodec
  rowsSent?: (rows: number) => void
}

/** Which rows; `offset` and `limit` apply to each domain, `limit` 0 to all that are left. */
export interface ResultPage {
  /** `null`: all of them. */
  domain: string | null
  offset: number
  limit: number
}

export interface JobResult {
  body: BodyChunks
  /** `offset` of the next page, while any domain has more rows. */
  nextOffset: number | null
}

/** @throws {TraceError} `JOB_NOT_FOUND`, `JOB_RESULT_EXPIRED`, `JOB_NOT_COMPLETE` */
export async function readJobResult(
  parts: Parts,
  jobId: string,
  owner: string,
  page: ResultPage,
): Promise<JobResult> {
  const job = await findJob(parts.log, jobId, owner)
  mustBeComplete(job)
  const end = page.offset + page.limit
  const hasMore = domainsOf(job, page).some(({ rows }) => page.limit > 0 && end < rows)
  return { body: resultBody(parts, job, page, { withTotal: true }), nextOffset: hasMore ? end : null }
}

/**
 * The JSON answer with a completed job's rows, cut out of the stored lines as text.
 */
export async function* resultBody(
  parts: Parts,
  job: JobSnapshot,
  page: ResultPage,
  { withTotal }: { withTotal: boolean },
): BodyChunks {
  const entries = validEntries(await allEntries(parts.log, job.jobId, 0))
  yield `{"stage":"${job.kind}","results":{`
  let separator = ''
  for (const { domain, rows } of domainsOf(job, page)) {
    const from = Math.min(page.offset, rows)
    const to = page.limit > 0 ? Math.min(from + page.limit, rows) : rows
    const total = withTotal ? `,"total":${rows}` : ''
    yield `${separator}${JSON.stringify(domain)}:{"count":${to - from}${total},"data":[`
    yield* rowChunks(
      parts,
      job.jobId,
      entries.filter((entry) => isRecordsOf(entry, domain)),
      from,
      to,
    )
    yield ']}'
    parts.rowsSent?.(to - from)
    separator = ','
  }
  yield '},"aggregation":'
  yield* aggregationChunks(parts, job.jobId)
  yield failureFields(failedDomains(job))
  yield '}'
}

/** The delivered domains of a page. */
function domainsOf({ domains }: JobSnapshot, { domain: wanted }: ResultPage) {
  return domains.flatMap(({ name, state, rows }) =>
    state === 'done' && (wanted === null || wanted === name) ? [{ domain: name, rows }] : [],
  )
}

function isRecordsOf(entry: LogEntry, domain: string): entry is RecordsEntry {
  return entry.type === 'records' && entry.domain === domain
}

/** Rows `from` up to, not including, `to` of one domain, with the commas between them. */
async function* rowChunks(
  { log, codec }: Parts,
  jobId: string,
  entries: RecordsEntry[],
  from: number,
  to: number,
): BodyChunks {
  let start = 0
  let separator = ''
  for (const entry of entries) {
    const end = start + entry.count
    if (end > from && start < to && entry.count > 0) {
      const line = codec.decode(await log.chunk(jobId, entry.seq))
      if (separator) yield separator
      yield rowsOf(line, entry, Math.max(0, from - start), Math.min(entry.count, to - start))
      separator = ','
    }
    start = end
  }
}

function rowsOf(line: Uint8Array, entry: RecordsEntry, from: number, to: number): BodyChunk {
  const array = lineData(line, recordsStart(entry))
  return from === 0 && to === entry.count ? array.subarray(1, -1) : cutRows(array, entry.count, from, to)
}

async function* aggregationChunks({ log, codec }: Parts, jobId: string): BodyChunks {
  const chunk = await log.aggregation(jobId)
  if (!chunk) return yield 'null'
  yield lineData(codec.decode(chunk), AGGREGATION_START)
}

function failureFields(failed: string[]): string {
  if (failed.length === 0) return ''
  return `,"error":"one or more domains failed","code":"EVENTS_PARTIAL_FAILURE","failed_domains":${JSON.stringify(failed)}`
}
