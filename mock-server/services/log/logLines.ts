import * as v from 'valibot'
import { isTraceError, TRACE_ERRORS, TraceError } from '../../../src/errors.js'
import { LIMITS, type WireProgress } from '../../../src/protocol/index.js'
import type { JobSnapshot, Row, StoredLine } from '../../ports/index.js'
import { parsePart } from '../../ports/checkStored.js'
import { Rows } from '../../ports/storedSchemas.js'
import type { RecordsEntry, ToldEntry } from './logEntries.js'
import type { BodyChunk } from '../store/bodyChunks.js'

const utf8 = new TextEncoder()
const decoder = new TextDecoder()

/** One line of a trace stream. */
export function line(fields: Record<string, unknown>): string {
  return `${JSON.stringify(fields)}\n`
}

/** What a `records` line begins with; its rows follow, as a JSON array, then `LINE_END`. */
export function recordsStart({
  seq,
  domain,
  batch,
  count,
}: Omit<RecordsEntry, 'type' | 'textBytes'>): string {
  return `${JSON.stringify({ type: 'records', seq, domain, batch, count }).slice(0, -1)},"data":`
}

/** What an `aggregation` line begins with; its data follow, then `LINE_END`. */
export const AGGREGATION_START = '{"type":"aggregation","data":'

/** The end of a line that has its data last. */
export const LINE_END = '}\n'

/**
 * The data of a stored line, as they are written there.
 *
 * @throws {TraceError} `CHUNK_MISSING` when it is another line
 */
export function lineData(line: Uint8Array, start: string): Uint8Array {
  const expected = utf8.encode(start)
  const end = line.length - LINE_END.length
  if (end <= expected.length || !expected.every((byte, at) => line[at] === byte)) {
    throw new TraceError('CHUNK_MISSING', `Another line is stored where ${start} should be`)
  }
  return line.subarray(expected.length, end)
}

/**
 * The rows of a stored JSON array.
 *
 * @throws {TraceError} `CHUNK_MISSING` when it is none, or of another length
 */
export function parseRows(array: Uint8Array, count: number): Row[] {
  return parsePart(v.pipe(Rows, v.length(count)), decoder.decode(array), 'A list of rows')
}

/** @param jobId as the reader knows it: `null` for an answer that is no job and cannot be resumed */
export function metaLine({ kind, profile, domains, epoch }: JobSnapshot, jobId: string | null): string {
  const resumable = jobId === null ? {} : { epoch }
  return line({
    type: 'meta',
    seq: 1,
    ...resumable,
    job_id: jobId,
    profile,
    domains: domains.map(({ name }) => name),
    ...(kind === 'run' ? { interleaved: true } : {}),
  })
}

/** The line of an entry that is not stored as a line. */
export function entryLine(entry: Exclude<ToldEntry, StoredLine>, { domains }: JobSnapshot): string {
  if (entry.type === 'skipped') {
    return line({ type: entry.type, seq: entry.seq, from_seq: entry.fromSeq })
  }
  const { type, seq, domain } = entry
  if (type === 'domain_end') return line({ type, seq, domain, count: entry.count })
  if (type === 'domain_failed') return line({ type, seq, domain, code: entry.code, from_seq: entry.fromSeq })
  const now = domains.find(({ name }) => name === domain)
  return line({ type, seq, domain, total: now?.state === 'done' ? now.rows : null })
}

/** @param values all of them; the line counts them, and names the first */
export function unmatchedLine({ seq }: { seq: number }, values: readonly string[]): string {
  return line({ type: 'unmatched', seq, count: values.length, values: values.slice(0, LIMITS.maxUnmatched) })
}

export function progressLine(progress: WireProgress): string {
  return line({ type: 'progress', ...progress })
}

export function resetLine(epoch: string): string {
  return line({ type: 'reset', epoch })
}

export function warningLine(failedDomains: string[]): string {
  return line({ type: 'warning', code: 'EVENTS_PARTIAL_FAILURE', failed_domains: failedDomains })
}

export function completeLine({ domains }: JobSnapshot): string {
  const counts = domains.flatMap(({ name, state, rows }) => (state === 'done' ? [[name, rows] as const] : []))
  const total = counts.reduce((sum, [, rows]) => sum + rows, 0)
  return line({ type: 'complete', total_records: total, domains: Object.fromEntries(counts) })
}

/** @param retryable whether the reader should resume; not whether asking anew could help */
export function errorLine(
  { code, message, retryAfterMs }: Pick<TraceError, 'code' | 'message' | 'retryAfterMs'>,
  retryable: boolean = TRACE_ERRORS[code].retryable,
): string {
  const wait = retryAfterMs === undefined ? {} : { retry_after_seconds: Math.ceil(retryAfterMs / 1000) }
  return line({ type: 'error', code, message, retryable, ...wait })
}

/** The last line of a stream that cannot be read on. */
export function faultLine(cause: unknown): string {
  if (isTraceError(cause)) return errorLine(cause)
  return errorLine(new TraceError('INTERNAL_ERROR', 'The log cannot be read on'), false)
}

export function isErrorLine(chunk: BodyChunk): boolean {
  return typeof chunk === 'string' && chunk.startsWith('{"type":"error",')
}
