import { TraceError } from '../../../src/errors.js'
import type { ChunkCodec, JobSnapshot, ResultLog, Row } from '../../ports/index.js'
import { rowLines } from './cutRows.js'
import { findJob, mustBeComplete } from './findJob.js'
import { allEntries, validEntries, type RecordsEntry } from '../log/logEntries.js'
import { lineData, parseRows, recordsStart } from '../log/logLines.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import { BYTE_ORDER_MARK, csvHeader, csvLines } from './writeCsv.js'

interface Parts {
  log: ResultLog
  codec: ChunkCodec
}

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export interface DomainExport {
  rows: number
  body: BodyChunks
  profile: string
  /** When its rows were fetched. */
  fetchedAtMs: number
}

export interface ExportOptions {
  domain: string
  format: ExportFormat
}

/**
 * All rows of one domain of a completed job, one stored chunk in memory at a time. A missing chunk breaks the answer
 * off: a file that looks whole is whole.
 *
 * @throws {TraceError} `JOB_NOT_FOUND`, `JOB_RESULT_EXPIRED`, `JOB_NOT_COMPLETE`, `INVALID_PARAMS` for a domain the job
 *   has not delivered
 */
export async function exportDomain(
  parts: Parts,
  jobId: string,
  owner: string,
  { domain, format }: ExportOptions,
): Promise<DomainExport> {
  const job = await findJob(parts.log, jobId, owner)
  mustBeComplete(job)
  const rows = deliveredRows(job, domain)
  const entries = validEntries(await allEntries(parts.log, jobId, 0)).filter(
    (entry): entry is RecordsEntry => entry.type === 'records' && entry.domain === domain && entry.count > 0,
  )
  const arrays = storedRows(parts, jobId, entries)
  const { profile, completedAtMs, createdAtMs } = job
  return { rows, body: asFile(arrays, format), profile, fetchedAtMs: completedAtMs ?? createdAtMs }
}

function deliveredRows({ domains }: JobSnapshot, domain: string): number {
  const found = domains.find(({ name }) => name === domain)
  if (found?.state === 'done') return found.rows
  throw found ? domainFailed(domain) : domainNotThere(domains.map(({ name }) => name))
}

/** What an export says of a domain that has failed. */
export function domainFailed(domain: string): TraceError {
  return new TraceError('INVALID_PARAMS', `domain ${domain} has failed and cannot be exported`)
}

/** What an export says of a domain that the job does not have. */
export function domainNotThere(domains: readonly string[]): TraceError {
  return new TraceError('INVALID_PARAMS', `domain must be one of ${domains.join(', ')}`)
}

/** The rows of one stored chunk, as the JSON array they are stored in. */
export interface StoredRows {
  array: Uint8Array
  count: number
}

async function* storedRows(
  { log, codec }: Parts,
  jobId: string,
  entries: readonly RecordsEntry[],
): AsyncGenerator<StoredRows> {
  for (const entry of entries) {
    const line = codec.decode(await log.chunk(jobId, entry.seq))
    yield { array: lineData(line, recordsStart(entry)), count: entry.count }
  }
}

/** A file of rows that come chunk by chunk. */
export function asFile(arrays: AsyncIterable<StoredRows>, format: ExportFormat): BodyChunks {
  return format === 'csv' ? asCsv(arrays) : asLines(arrays)
}

/**
 * The columns are those of the first batch: a file has one header, written before the rest is read. A column that
 * comes only later breaks the answer off rather than being left out.
 */
async function* asCsv(arrays: AsyncIterable<StoredRows>): BodyChunks {
  let columns: Set<string> | null = null
  for await (const { array, count } of arrays) {
    const rows = parseRows(array, count)
    if (!columns) {
      columns = new Set(rows.flatMap((row) => Object.keys(row)))
      yield BYTE_ORDER_MARK + csvHeader([...columns])
    }
    mustFit(rows, columns)
    yield csvLines(rows, [...columns])
  }
  if (!columns) yield BYTE_ORDER_MARK
}

function mustFit(rows: readonly Row[], columns: ReadonlySet<string>) {
  for (const row of rows) {
    for (const name in row) {
      if (columns.has(name)) continue
      throw new TraceError(
        'INTERNAL_ERROR',
        `rows have a column ${name} that the first rows lack: export ndjson`,
      )
    }
  }
}

async function* asLines(arrays: AsyncIterable<StoredRows>): BodyChunks {
  for await (const { array, count } of arrays) yield rowLines(array, count)
}
