import { TraceError } from '../../../src/errors.js'
import { LIMITS, normalizeIds } from '../../../src/protocol/index.js'
import type { DefectParams } from '../../ports/index.js'

/** The parameters there are; `pj_types` only to be refused. */
export const DEFECT_PARAMS: readonly string[] = [
  'mode',
  'start_date',
  'end_date',
  'date_range',
  'station',
  'direction',
  'loss_reasons',
  'pj_types',
]

const DEFAULT_STATION = '測試'
/** What newer pages of the original put between the names of several stations. */
const BETWEEN_STATIONS = /[,;，；、]/
const DAY_MS = 86_400_000
const DATE = /^\d{4}-\d{2}-\d{2}$/

/**
 * Reads the parameters of a `mid_section_defect` question and fills in what was left out: `date_range` mode, station
 * 測試, backward, all loss reasons. Dates are needed in `date_range` mode only.
 *
 * @throws {TraceError} `INVALID_PARAMS`
 */
export function parseDefectParams(params: Record<string, unknown> | undefined): DefectParams {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw invalid('params is required for mid_section_defect profile')
  }
  refuseUnknownFilters(params)
  const mode = parseMode(params.mode)
  return {
    mode,
    ...(mode === 'container' ? { start: null, end: null } : parseDates(params)),
    station: parseStation(params.station),
    direction: params.direction === 'forward' ? 'forward' : 'backward',
    lossReasons: parseLossReasons(params.loss_reasons),
  }
}

/**
 * Refuses filters of newer pages that this server does not know: ignored, they would make a different answer.
 *
 * @throws {TraceError} `INVALID_PARAMS`
 */
export function refuseUnknownFilters({ pj_types, station }: Record<string, unknown>) {
  const isFilter = Array.isArray(pj_types) ? pj_types.length > 0 : (pj_types ?? '') !== ''
  if (isFilter) throw invalid('pj_types is not supported: ask for all product types')
  if (typeof station === 'string' && BETWEEN_STATIONS.test(station)) {
    throw invalid('station must name one station: ask for each of several by itself')
  }
}

function parseMode(mode: unknown): DefectParams['mode'] {
  if (mode === undefined || mode === null || mode === '') return 'date_range'
  if (mode === 'date_range' || mode === 'container') return mode
  throw invalid('mode must be date_range or container')
}

function parseDates(params: Record<string, unknown>): { start: string; end: string } {
  const range: unknown[] = Array.isArray(params.date_range) ? params.date_range : []
  const [start, end] = range.length > 0 ? range : [params.start_date, params.end_date]
  if (!isText(start) || !isText(end)) {
    throw invalid('start_date/end_date (or date_range) is required')
  }
  const from = parseDate(start.trim(), 'start_date')
  const to = parseDate(end.trim(), 'end_date')
  if (from > to) throw invalid('start_date must not be after end_date')
  if ((to - from) / DAY_MS > LIMITS.maxDateRangeDays) {
    throw invalid(`date range must not exceed ${LIMITS.maxDateRangeDays} days`)
  }
  return { start: start.trim(), end: end.trim() }
}

/** Milliseconds of a day that is in the calendar. */
function parseDate(text: string, name: string): number {
  const ms = DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN
  // Date.parse takes 2026-02-30 for 2026-03-02: what it read must print back as it was.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text)) {
    throw invalid(`${name} must be a date like 2026-01-31`)
  }
  return ms
}

function parseStation(station: unknown): string {
  if (station === undefined || station === null) return DEFAULT_STATION
  if (typeof station !== 'string') throw invalid('station must be a string')
  return station.trim() || DEFAULT_STATION
}

/** `null` for all: nothing asked for, or nothing but blanks. */
function parseLossReasons(reasons: unknown): string[] | null {
  const list = normalizeIds(typeof reasons === 'string' ? reasons.split(',') : reasons)
  return list.length > 0 ? list : null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function invalid(message: string): TraceError {
  return new TraceError('INVALID_PARAMS', message)
}
