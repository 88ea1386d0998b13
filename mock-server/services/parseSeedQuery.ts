import { LIMITS, RESOLVE_TYPES, type Profile, type ResolveType } from '../../src/protocol/index.js'
import type { SeedQuery } from '../ports/index.js'
import { parseDefectParams } from './parseDefectParams.js'
import { invalid, parseIds, type Body } from './parseRequest.js'

/**
 * What to look for, from a seed-resolve request's `params`.
 *
 * @throws {TraceError} `INVALID_PARAMS`
 */
export function parseSeedQuery(profile: Profile, params: Body): SeedQuery {
  if (profile === 'mid_section_defect') {
    const { mode, start, end, station } = parseDefectParams(params)
    if (mode === 'date_range') return { profile, by: 'date_range', start: start!, end: end!, station }
  }
  const resolveType = parseResolveType(profile, params)
  const values = parseIds(params.values, 'values')
  if (values.length === 0) throw invalid('values must contain at least one query value')
  if (values.length > LIMITS.maxValues) {
    throw invalid(`values must contain at most ${LIMITS.maxValues} query values`)
  }
  return { profile, by: 'values', resolveType, values }
}

function parseResolveType(profile: Profile, { resolve_type, input_type }: Body): ResolveType {
  const named = resolve_type ?? input_type
  const wanted = typeof named === 'string' ? named.trim() : ''
  const types: readonly ResolveType[] = RESOLVE_TYPES[profile]
  const type = types.find((each) => each === wanted)
  if (!type) throw invalid(`resolve_type must be one of: ${[...types].sort().join(',')}`)
  return type
}
