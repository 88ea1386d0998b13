import { directionIn, LIMITS, normalizeIds, type ProfileDescription } from '../../../src/protocol/index.js'
import type { DefectParams } from '../../ports/index.js'
import { parseDay } from '../questions/parseDay.js'
import { invalid } from '../questions/parseRequest.js'

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

/** What newer pages of the original put between the names of several stations. */
const BETWEEN_STATIONS = /[,;，；、]/
const DAY_MS = 86_400_000

type Profile = Pick<ProfileDescription, 'name' | 'direction' | 'seeds'>

/**
 * Reads the parameters of a question whose seeds may be asked for by dates, and fills in what was left out: dates where
 * the profile knows them, its first station, backward, all loss reasons. Dates are needed in `date_range` mode only.
 *
 * @throws {TraceError} `INVALID_PARAMS`
 */
export function parseDefectParams(
  profile: Profile,
  params: Record<string, unknown> | undefined,
): DefectParams {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw invalid(`params is required for ${profile.name} profile`)
  }
  refuseUnknownFilters(params)
  const mode = parseMode(profile, params.mode)
  return {
    mode,
    ...(mode === 'container' ? { start: null, end: null } : parseDates(params)),
    station: parseStation(profile, params.station),
    direction: directionIn(profile, params),
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

function parseMode({ name, seeds }: Profile, mode: unknown): DefectParams['mode'] {
  const known = { date_range: seeds?.dates === true, container: (seeds?.types.length ?? 0) > 0 }
  if (mode === undefined || mode === null || mode === '') return known.date_range ? 'date_range' : 'container'
  if (mode !== 'date_range' && mode !== 'container') throw invalid('mode must be date_range or container')
  if (!known[mode]) throw invalid(`mode ${mode} is not one of profile ${name}`)
  return mode
}

function parseDates(params: Record<string, unknown>): { start: string; end: string } {
  const range: unknown[] = Array.isArray(params.date_range) ? params.date_range : []
  const [start, end] = range.length > 0 ? range : [params.start_date, params.end_date]
  if (!isText(start) || !isText(end)) {
    throw invalid('start_date/end_date (or date_range) is required')
  }
  const from = parseDay(start.trim(), 'start_date')
  const to = parseDay(end.trim(), 'end_date')
  if (from > to) throw invalid('start_date must not be after end_date')
  if ((to - from) / DAY_MS > LIMITS.maxDateRangeDays) {
    throw invalid(`date range must not exceed ${LIMITS.maxDateRangeDays} days`)
  }
  return { start: start.trim(), end: end.trim() }
}

function parseStation({ seeds }: Profile, station: unknown): string {
  if (station !== undefined && station !== null && typeof station !== 'string') {
    throw invalid('station must be a string')
  }
  const name = station?.trim() || seeds?.stations?.[0]?.value
  if (!name) throw invalid('station is required')
  return name
}

/** `null` for all: nothing asked for, or nothing but blanks. */
function parseLossReasons(reasons: unknown): string[] | null {
  const list = normalizeIds(typeof reasons === 'string' ? reasons.split(',') : reasons)
  return list.length > 0 ? list : null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
