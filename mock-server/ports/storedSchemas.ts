import * as v from 'valibot'
import { isTraceErrorCode, type TraceErrorCode } from '../../src/errors.js'
import { listOf } from '../../src/protocol/recordOf.js'
import { Count } from './checkStored.js'
import type { DomainCheckpoint, LogEntry, StageCheckpoint } from './ResultLog.js'
import type { Row } from './TraceSource.js'

export const ErrorCode = v.custom<TraceErrorCode>(isTraceErrorCode, 'Expected an error code')

const place = { seq: Count, domain: v.string() }

/** An entry as it is stored. */
export const StoredEntry: v.GenericSchema<unknown, LogEntry> = v.variant('type', [
  v.object({ ...place, type: v.literal('domain_start') }),
  v.object({ ...place, type: v.literal('records'), batch: Count, count: Count, textBytes: Count }),
  v.object({ ...place, type: v.literal('domain_end'), count: Count }),
  v.object({ ...place, type: v.literal('domain_failed'), code: ErrorCode, fromSeq: Count }),
  v.object({ ...place, type: v.literal('unmatched'), count: Count, textBytes: Count }),
])

export const StoredDomainCheckpoint: v.GenericSchema<unknown, DomainCheckpoint> = v.object({
  idsDone: Count,
  placesDone: v.array(Count),
  after: v.exactOptional(v.nullable(v.string())),
})

export const StoredStageCheckpoint: v.GenericSchema<unknown, StageCheckpoint> = v.object({
  seedsAfter: v.nullable(v.string()),
  areSeedsDone: v.boolean(),
  seedsTraced: Count,
})

/** Rows as they are stored. */
export const Rows = listOf(isRow, 'rows')

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
