import type { SourceParams } from '../../../ports/index.js'

/** What is known of the factory behind a source, so that its exam has something to ask for. */
export interface SourceFacts {
  /** By resolve type, values that find lots: one at least, better three, and better of lots that share a value. */
  values?: Readonly<Record<string, readonly string[]>>
  /** Days on which lots were measured at a station: few, since all lots are read, and better of several pages. */
  days?: { station: string; start: string; end: string }
  /** Lots that between them have parents, children, and rows in every domain: some ten, some hundred at most. */
  ids?: readonly string[]
  /** By profile without seeds, params that find rows; better some that filter, and some with several pages of rows. */
  rows?: Readonly<Record<string, readonly SourceParams[]>>
  /** A lot that is an ancestor of itself. */
  inCycle?: string
  /** Cells that are hard to carry: Chinese, whole numbers beyond 2⁵³, times, nulls. */
  cells?: readonly { domain: string; id: string; column: string; value: string | number | null }[]
  /** What `checksumSource` gives for another source of the same factory. */
  checksums?: Readonly<Record<string, string>>
  /** How long a query may go on after its abort, in milliseconds; default 20,000. A hang is meant, not slowness. */
  patienceMs?: number
  /** Whether no query is left behind, such as a statement in the database. Asked after aborts, until it is so. */
  isIdle?: () => boolean | Promise<boolean>
}

/** An id and a value that no factory has. */
export const UNKNOWN = 'NO-SUCH-LOT'
