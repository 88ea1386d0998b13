/** How far a reader is in one domain. */
export interface DomainPosition {
  /** Batches received; the next one must have this number. */
  readonly batches: number
  readonly rows: number
  /** As `domain_start` said; `null` while unknown. */
  readonly total: number | null
  readonly state: 'open' | 'ended' | 'failed'
}

/** What a reader holds of a job's log. Immutable: it belongs to one moment. */
export interface StreamPosition {
  /** Name of the log; `null` for servers without cursors. */
  readonly epoch: string | null
  /** The last line taken in: the server's number, or, without cursors, counted from the log's beginning. */
  readonly seq: number
  /** Whether the server numbers its lines; `null` before the first. */
  readonly isSequenced: boolean | null
  /** Whether rows of several domains may arrive at once, as `meta` said; else one domain follows the other. */
  readonly isInterleaved: boolean
  /** Domains that `meta` announced. */
  readonly announced: readonly string[]
  readonly domains: ReadonlyMap<string, DomainPosition>
}

/** Before the first line of a log. */
export const LOG_START: StreamPosition = Object.freeze({
  epoch: null,
  seq: 0,
  isSequenced: null,
  isInterleaved: false,
  announced: Object.freeze([]),
  domains: new Map<string, DomainPosition>(),
})

/** Rows of all domains that count. */
export function rowsHeld(position: StreamPosition): number {
  let rows = 0
  for (const domain of position.domains.values()) if (domain.state !== 'failed') rows += domain.rows
  return rows
}

export function failedDomains(position: StreamPosition): string[] {
  return [...position.domains].filter(([, { state }]) => state === 'failed').map(([name]) => name)
}

/** The domains whose rows are arriving. */
export function openDomains(position: StreamPosition): string[] {
  return [...position.domains].filter(([, { state }]) => state === 'open').map(([name]) => name)
}

/** A failed domain has no rows. */
export const FAILED_DOMAIN: DomainPosition = Object.freeze({
  batches: 0,
  rows: 0,
  total: null,
  state: 'failed',
})

export function withDomain(position: StreamPosition, name: string, domain: DomainPosition): StreamPosition {
  return { ...position, domains: new Map(position.domains).set(name, domain) }
}
