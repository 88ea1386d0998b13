import type { Row } from '../../../ports/index.js'
import type { Catalogue } from '../catalogue.js'
import type { Lot } from '../createFactory.js'

/** What makers of rows share. */
export interface RowContext {
  catalogue: Catalogue
  formatTime: (seconds: number) => string
}

/** Adds the rows one lot has in one domain; they depend on nothing but the lot. */
export type LotRows = (lot: Lot, context: RowContext, rows: Row[]) => void
