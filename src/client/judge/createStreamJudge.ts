import { isTraceErrorCode, TraceError, type TraceErrorCode } from '../../errors.js'
import { RUN_DOMAINS, type StreamEvent } from '../../protocol/index.js'
import type { RecordBatch } from '../../records/RecordBatch.js'
import {
  FAILED_DOMAIN,
  failedDomains,
  LOG_START,
  openDomains,
  rowsHeld,
  withDomain,
  type DomainPosition,
  type StreamPosition,
} from './StreamPosition.js'
import { gap, mismatch, mismatchedJob, missing } from './streamFaults.js'
import type { TraceDelta } from '../run/TraceUpdate.js'

/** Judges one connection's lines, and says what each adds to what the reader holds. */
export interface StreamJudge {
  /**
   * What `event` adds. A replay of lines held already adds nothing.
   *
   * @throws {TraceError} `JOB_MISMATCH`, `SEQUENCE_GAP`, `COUNT_MISMATCH`, `DOMAIN_MISSING`, `MALFORMED_LINE`, or
   *   what an `error` line says; the position is then as before the line
   */
  accept: (event: StreamEvent<RecordBatch>) => TraceDelta[]
  /** @throws {TraceError} `STREAM_TRUNCATED` when the end came before `complete` */
  end: () => void
  readonly position: StreamPosition
  /** Whether every row was proven to be here. */
  readonly isComplete: boolean
}

export interface JudgeOptions {
  /** What the reader holds from earlier connections. */
  position: StreamPosition
  /** If the log names its job, it must be this one. Default: any. */
  jobId?: string
  /** Every one must be delivered or declared failed, as must those of `meta`. */
  domains: readonly string[]
  /** Whether a result without figures cannot be whole (MSD). */
  needsAggregation: boolean
  /** Called before the log begins anew; may throw. */
  onReset?: () => void
}

const [SEEDS] = RUN_DOMAINS

type Line<T extends StreamEvent<RecordBatch>['type']> = Extract<StreamEvent<RecordBatch>, { type: T }>

/**
 * The completeness judge. A result is whole when its lines are gap-free, its counts agree, every domain was
 * delivered or declared failed, and the closing `complete` says so.
 *
 * Lines of a log have a number: the server's `seq`, or, from servers without cursors, their place in the
 * log, which such servers send from the start each time. After a reconnect, lines up to the one held are a
 * replay and are skipped; from the first new one on, each must be the next. Where the server does not number
 * them, the grammar (meta, then start, batches 0, 1, 2 …, end per domain) shows what is missing or doubled.
 *
 * The domains of a log follow each other, unless `meta` says that they are interleaved. Each is proven by itself either
 * way. What a failed domain takes back is there no more for a reader that comes later. In a log of one domain after the
 * other these are all lines since its start, and `domain_failed` stands for them; among lines of other domains a
 * `skipped` line stands for each stretch.
 */
export function createStreamJudge({
  position: held,
  jobId,
  domains,
  needsAggregation,
  onReset = () => {},
}: JudgeOptions): StreamJudge {
  let position = held
  /** Sequenced lines of this connection; their place in the log of a server without cursors. */
  let lines = 0
  let isReplaying = true
  let isComplete = false
  const closing = new Set<string>()

  function accept(event: StreamEvent<RecordBatch>): TraceDelta[] {
    if (isComplete) throw gap(`a "${event.type}" line came after the end`)
    if ('seq' in event) return acceptSequenced(event)
    switch (event.type) {
      case 'progress':
        return [{ type: 'progress', progress: event.progress }]
      case 'reset':
        return restart(event.epoch)
      case 'error':
        throw errorOf(event)
    }
    if (closing.has(event.type)) throw gap(`the "${event.type}" line came twice`)
    const [open] = openDomains(position)
    if (open !== undefined) throw gap(`"${open}" has no end`)
    const deltas = acceptClosing(event)
    closing.add(event.type)
    return deltas
  }

  function acceptSequenced(event: SequencedLine): TraceDelta[] {
    if (event.type === 'meta' && jobId !== undefined && event.jobId !== null && event.jobId !== jobId) {
      throw mismatchedJob(jobId, event.jobId)
    }
    const isNumbered = event.seq !== null
    if (isNumbered !== (position.isSequenced ?? isNumbered)) {
      throw new TraceError(
        'MALFORMED_LINE',
        `A "${event.type}" line ${isNumbered ? 'has a' : 'is without'} seq`,
      )
    }
    // A `meta` of another epoch counts as a `reset` that the server did not send.
    const isOtherLog =
      event.type === 'meta' && position.seq > 0 && event.epoch !== null && event.epoch !== position.epoch
    const from = isOtherLog ? LOG_START : position
    const seq = event.seq ?? lines + 1
    const expected = from.seq + 1
    if (seq < expected && !isReplaying) throw gap(`line ${seq} came twice`)
    if (seq > expected && coveredFrom(event, from) > expected)
      throw gap(`line ${expected} is missing, ${seq} came`)
    if (seq < expected) {
      lines++
      return []
    }
    const { next, deltas } = advancePosition(event, from)
    if (isOtherLog) onReset()
    position = { ...next, seq, isSequenced: isNumbered }
    lines++
    isReplaying = false
    return isOtherLog ? [{ type: 'rows-dropped' }, ...deltas] : deltas
  }

  function restart(epoch: string): TraceDelta[] {
    onReset()
    position = { ...LOG_START, epoch }
    lines = 0
    isReplaying = true
    closing.clear()
    return [{ type: 'rows-dropped' }]
  }

  function acceptClosing(event: Line<'aggregation' | 'warning' | 'complete'>): TraceDelta[] {
    if (event.type === 'aggregation') return [{ type: 'aggregation', data: event.data }]
    if (event.type === 'complete') {
      proveComplete(event)
      isComplete = true
      return []
    }
    const fresh = event.failedDomains.filter((domain) => position.domains.get(domain)?.state !== 'failed')
    for (const domain of fresh) position = withDomain(position, domain, FAILED_DOMAIN)
    return fresh.map((domain) => ({ type: 'domain-failed', domain, code: event.code }))
  }

  function proveComplete({ totalRecords, domains: counts }: Line<'complete'>) {
    for (const domain of new Set([...domains, ...position.announced])) {
      if (!position.domains.has(domain)) {
        throw missing(domain)
      }
    }
    for (const [domain, count] of counts ?? []) {
      const { state = 'ended', rows = 0 } = position.domains.get(domain) ?? {}
      if (state === 'ended' && rows !== count) throw mismatch(`"${domain}"`, rows, count)
    }
    const rows = rowsHeld(position)
    if (rows !== totalRecords) throw mismatch('The result', rows, totalRecords)
    // A run that found no seed has measured nothing.
    const isEmpty = position.isInterleaved && position.domains.get(SEEDS)?.rows === 0
    const hasFailed = failedDomains(position).length > 0
    if (needsAggregation && !closing.has('aggregation') && !hasFailed && !isEmpty) {
      throw gap('the figures are missing')
    }
  }

  return {
    accept,
    end() {
      if (isComplete) return
      throw new TraceError('STREAM_TRUNCATED', 'The stream ended before the result was complete')
    },
    get position() {
      return position
    },
    get isComplete() {
      return isComplete
    },
  }
}

function errorOf({ code, message, retryable, retryAfterMs }: Line<'error'>): TraceError {
  const known: TraceErrorCode = isTraceErrorCode(code) ? code : 'JOB_FAILED'
  return new TraceError(known, message, {
    retryable,
    retryAfterMs: retryAfterMs ?? undefined,
    serverCode: code !== null && known !== code ? code : undefined,
  })
}

/** A line that has a place in the log. */
type SequencedLine = Extract<StreamEvent<RecordBatch>, { seq: number | null }>

/** The first line that `event`, which has a number, stands for. */
function coveredFrom(event: SequencedLine, { isInterleaved }: StreamPosition): number {
  const covers = event.type === 'skipped' || (event.type === 'domain_failed' && !isInterleaved)
  return (covers ? event.fromSeq : null) ?? event.seq ?? Infinity
}

interface Advance {
  next: StreamPosition
  deltas: TraceDelta[]
}

/**
 * The position after the next line of the log, and what that line adds; the caller keeps the line's number.
 * The grammar: meta, then for each domain its start, batches 0, 1, 2 …, its end. Lines without a domain add nothing to it.
 *
 * @throws {TraceError} `SEQUENCE_GAP`, `COUNT_MISMATCH`
 */
function advancePosition(event: SequencedLine, position: StreamPosition): Advance {
  if (event.type === 'meta') {
    if (position.seq > 0) throw gap('the "meta" line came twice')
    const { epoch, domains: announced, isInterleaved } = event
    return { next: { ...position, epoch, announced, isInterleaved }, deltas: [] }
  }
  if (position.seq === 0) throw gap('the "meta" line is missing')
  switch (event.type) {
    case 'domain_start':
      return startDomain(event, position)
    case 'records':
      return addRecords(event, position)
    case 'domain_end':
      return endDomain(event, position)
    case 'domain_failed': {
      const { domain, code } = event
      return {
        next: withDomain(position, domain, FAILED_DOMAIN),
        deltas: [{ type: 'domain-failed', domain, code }],
      }
    }
    case 'unmatched': {
      const { count, values } = event
      if (values.length > count) throw mismatch('The list of what was not found', values.length, count)
      return { next: position, deltas: [{ type: 'unmatched', unmatched: { count, values } }] }
    }
    case 'skipped':
    case 'unknown':
      return { next: position, deltas: [] }
  }
}

function startDomain({ domain, total, seq }: Line<'domain_start'>, position: StreamPosition): Advance {
  // A numbered log may begin a domain anew; in an unnumbered log a second start is a doubled line.
  const isNumbered = seq !== null
  const other = openDomains(position).find((name) => name !== domain || !isNumbered)
  if (other !== undefined && !position.isInterleaved) throw gap(`"${other}" has no end`)
  if (position.domains.has(domain) && !isNumbered) throw gap(`"${domain}" came twice`)
  const next = withDomain(position, domain, { batches: 0, rows: 0, total, state: 'open' })
  return { next, deltas: [{ type: 'domain-started', domain, total }] }
}

function addRecords({ domain, batch, rows }: Line<'records'>, position: StreamPosition): Advance {
  const open = openDomain(domain, position)
  if (batch !== open.batches) throw gap(`batch ${open.batches} of "${domain}" is missing, ${batch} came`)
  const next = withDomain(position, domain, { ...open, batches: batch + 1, rows: open.rows + rows.length })
  return { next, deltas: [{ type: 'rows', domain, batch: rows }] }
}

function endDomain({ domain, count }: Line<'domain_end'>, position: StreamPosition): Advance {
  const open = openDomain(domain, position)
  if (open.rows !== count) throw mismatch(`"${domain}"`, open.rows, count)
  if (open.total !== null && open.total !== count) throw mismatch(`"${domain}"`, count, open.total)
  const next = withDomain(position, domain, { ...open, total: count, state: 'ended' })
  return { next, deltas: [{ type: 'domain-ended', domain, count }] }
}

function openDomain(name: string, { domains }: StreamPosition): DomainPosition {
  const domain = domains.get(name)
  if (domain?.state !== 'open') throw gap(`"${name}" has no start`)
  return domain
}
