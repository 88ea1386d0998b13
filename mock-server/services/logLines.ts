import { isTraceError, TRACE_ERRORS, TraceError } from '../../src/errors.js'
import type { WireProgress } from '../../src/protocol/index.js'
import type { JobSnapshot, LogEntry } from '../ports/index.js'
import type { Piece } from './pieces.js'

/** One line of a trace stream. */
export function line(fields: Record<string, unknown>): string {
  return `${JSON.stringify(fields)}\n`
}

/** What a `records` line begins with; its rows follow, as a JSON array, then `RECORDS_END`. */
export function recordsStart(entry: { seq: number; domain: string; batch: number; count: number }): string {
  const { seq, domain, batch, count } = entry
  return `${JSON.stringify({ type: 'records', seq, domain, batch, count }).slice(0, -1)},"data":`
}

export const RECORDS_END = '}\n'

/** What an `aggregation` line begins with; `AGGREGATION_END` ends it. */
export const AGGREGATION_START = '{"type":"aggregation","data":'
export const AGGREGATION_END = '}\n'

/** @param jobId as the reader knows it: `null` for an answer that is no job and cannot be resumed */
export function metaLine({ profile, domains, epoch }: JobSnapshot, jobId: string | null): string {
  const resumable = jobId === null ? {} : { epoch }
  return line({ type: 'meta', seq: 1, ...resumable, job_id: jobId, profile, domains })
}

/** The line of an entry whose rows are not its own to write. */
export function entryLine(
  entry: Exclude<LogEntry, { type: 'records' }>,
  { domains, domainStates }: JobSnapshot,
): string {
  const { type, seq, domain } = entry
  if (type === 'domain_end') return line({ type, seq, domain, count: entry.count })
  if (type === 'domain_failed') return line({ type, seq, domain, code: entry.code, from_seq: entry.fromSeq })
  const now = domainStates[domains.indexOf(domain)]
  return line({ type, seq, domain, total: now?.state === 'done' ? now.rows : null })
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

export function completeLine({ domains, domainStates }: JobSnapshot): string {
  const counts = domains.flatMap((domain, index) => {
    const { state, rows } = domainStates[index]!
    return state === 'done' ? [[domain, rows] as const] : []
  })
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

export function isErrorLine(piece: Piece): boolean {
  return typeof piece === 'string' && piece.startsWith('{"type":"error",')
}
