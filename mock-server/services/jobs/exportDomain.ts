import type { Slices } from '../../../src/async/slices.js'
import { TraceError } from '../../../src/errors.js'
import type { SourceDescription } from '../../../src/protocol/index.js'
import type { ChunkCodec, JobSnapshot, OpenTableFile, ResultLog, Row } from '../../ports/index.js'
import { rowLines } from './cutRows.js'
import { findJob, mustBeComplete } from './findJob.js'
import { allEntries, validEntries, type RecordsEntry } from '../log/logEntries.js'
import { lineData, parseRows, recordsStart } from '../log/logLines.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import { BYTE_ORDER_MARK, csvHeader, csvLines } from './writeCsv.js'
import type { OpenRows, StoredRows } from './StoredRows.js'
import { asTable } from './writeTable.js'

/** What files are made with. */
export interface FileParts {
  description: SourceDescription
  openParquet?: OpenTableFile
  slices: Slices
}

interface Parts extends FileParts {
  log: ResultLog
  codec: ChunkCodec
}

export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet'] as const
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
  options: ExportOptions,
): Promise<DomainExport> {
  const { domain } = options
  const job = await findJob(parts.log, jobId, owner)
  mustBeComplete(job)
  const rows = deliveredRows(job, domain)
  const entries = validEntries(await allEntries(parts.log, jobId, 0)).filter(
    (entry): entry is RecordsEntry => entry.type === 'records' && entry.domain === domain && entry.count > 0,
  )
  const body = asFile(() => storedRows(parts, jobId, entries), options, parts)
  const { profile, completedAtMs, createdAtMs } = job
  return { rows, body, profile, fetchedAtMs: completedAtMs ?? createdAtMs }
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

/**
 * A file of rows that come chunk by chunk.
 *
 * @throws {TraceError} `INVALID_PARAMS` for a format that this server does not write
 */
export function asFile(openRows: OpenRows, { domain, format }: ExportOptions, parts: FileParts): BodyChunks {
  if (format === 'csv') return asCsv(openRows())
  if (format === 'ndjson') return asLines(openRows())
  const { description, openParquet: openFile, slices } = parts
  if (!openFile)
    throw new TraceError('INVALID_PARAMS', 'this server writes no Parquet: format must be csv or ndjson')
  const columns = description.domains.find(({ name }) => name === domain)?.columns ?? []
  return asTable({ openRows, columns, openFile, slices })
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
