import type { StreamEvent } from '../../protocol/index.js'
import type { RecordBatch } from '../../records/RecordBatch.js'
import {
  FAILED_DOMAIN,
  withDomain,
  type DomainPosition,
  type StreamPosition,
} from '../judge/StreamPosition.js'
import { gap, mismatch } from '../judge/streamFaults.js'
import type { TraceDelta } from '../run/TraceUpdate.js'

/** A line that has a place in the log. */
export type SequencedLine = Extract<StreamEvent<RecordBatch>, { seq: number | null }>
type Line<T extends SequencedLine['type']> = Extract<SequencedLine, { type: T }>

interface Advance {
  next: StreamPosition
  deltas: TraceDelta[]
}

/**
 * The position after the next line of the log, and what that line adds; its number is the caller's to keep.
 * The grammar: meta, then for each domain its start, batches 0, 1, 2 …, its end.
 *
 * @throws {TraceError} `SEQUENCE_GAP`, `COUNT_MISMATCH`
 */
export function advancePosition(event: SequencedLine, position: StreamPosition): Advance {
  if (event.type === 'meta') {
    if (position.seq > 0) throw gap('the "meta" line came twice')
    return { next: { ...position, epoch: event.epoch, announced: event.domains }, deltas: [] }
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
      const open = position.open === domain ? null : position.open
      return {
        next: { ...withDomain(position, domain, FAILED_DOMAIN), open },
        deltas: [{ type: 'domain-failed', domain, code }],
      }
    }
  }
}

function startDomain({ domain, total, seq }: Line<'domain_start'>, position: StreamPosition): Advance {
  // A numbered log may begin a domain anew; an unnumbered one that names it twice has a doubled line.
  const isAnew = seq !== null && (position.open === null || position.open === domain)
  if (position.open !== null && !isAnew) throw gap(`"${position.open}" has no end`)
  if (position.domains.has(domain) && !isAnew) throw gap(`"${domain}" came twice`)
  const next = withDomain(position, domain, { batches: 0, rows: 0, total, state: 'open' })
  return { next: { ...next, open: domain }, deltas: [{ type: 'domain-started', domain, total }] }
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
  return { next: { ...next, open: null }, deltas: [{ type: 'domain-ended', domain, count }] }
}

function openDomain(domain: string, { open, domains }: StreamPosition): DomainPosition {
  if (open !== domain) throw gap(`"${domain}" has no start`)
  return domains.get(domain)!
}
