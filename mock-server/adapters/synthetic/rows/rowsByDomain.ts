import type { Domain } from '../../../../src/protocol/index.js'
import { historyRows, upstreamHistoryRows } from './historyRows.js'
import { holdRows } from './holdRows.js'
import type { LotRows } from './LotRows.js'
import { materialRows } from './materialRows.js'
import { downstreamRejectRows, rejectRows } from './rejectRows.js'
import { repairRows } from './repairRows.js'

/** Makers of rows by domain. */
export const ROWS_BY_DOMAIN: Record<Domain, LotRows> = {
  history: historyRows,
  materials: materialRows,
  rejects: rejectRows,
  holds: holdRows,
  jobs: repairRows,
  upstream_history: upstreamHistoryRows,
  downstream_rejects: downstreamRejectRows,
}
