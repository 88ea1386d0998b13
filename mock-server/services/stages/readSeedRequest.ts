import type { JsonReader } from '../../../src/json/createJsonReader.js'
import { LIMITS, type ProfileDescription } from '../../../src/protocol/index.js'
import type { SeedQuery } from '../../ports/index.js'
import { DEFECT_PARAMS, parseDefectParams } from '../defects/parseDefectParams.js'
import { ownParamNames, parseOwnParams } from '../questions/parseOwnParams.js'
import {
  checkId,
  invalid,
  limitsOf,
  mustHaveStage,
  parseProfile,
  readBody,
  readField,
  readParams,
  type Fields,
  type Params,
  type Reading,
  type RequestContext,
} from '../questions/parseRequest.js'

/** A seed-resolve request that has been read. */
export interface SeedRequest {
  query: SeedQuery
  /** All that the answer depends on, for its `cache_key`. */
  asked: Fields
}

/** Params that the protocol gives to profiles with seeds, besides `values`. */
export const SEED_PARAMS: readonly string[] = ['resolve_type', 'input_type', ...DEFECT_PARAMS]

/** @throws {TraceError} `INVALID_PROFILE`, `INVALID_PARAMS` */
export function* readSeedRequest(bytes: Uint8Array, context: RequestContext): Reading<SeedRequest> {
  let profile: unknown
  let params = null as SeedParams | null
  yield* readBody(bytes, (json) => ({
    *profile() {
      profile = yield* readField(json)
    },
    *params() {
      params = yield* readSeedParams(json, context)
    },
  }))
  return parseSeedRequest(parseProfile(context.description, profile), params)
}

/** What a question says of its seeds. */
export interface SeedParams {
  params: Params
  values: string[]
}

/** @throws {TraceError} `INVALID_PARAMS` */
export function* readSeedParams(
  json: JsonReader,
  { description }: Pick<RequestContext, 'description'>,
): Reading<SeedParams> {
  const values = new Set<string>()
  const params = yield* readParams(json, [...SEED_PARAMS, ...ownParamNames(description)], {
    *values() {
      if (json.next() !== 'list') return yield* json.skip()
      yield* json.texts(addValues, limitsOf('values', Infinity, tooManyValues))
    },
  })
  return { params, values: [...values] }

  function addValues(texts: string[]) {
    for (const text of texts) {
      const value = text.trim()
      if (value === '') continue
      checkId(value, 'values')
      values.add(value)
    }
    if (values.size > LIMITS.maxValues) throw tooManyValues()
  }
}

/** @throws {TraceError} `INVALID_PROFILE`, `INVALID_PARAMS` */
export function parseSeedRequest(profile: ProfileDescription, read: SeedParams | null): SeedRequest {
  mustHaveStage(profile, 'seeds')
  const { params, values } = read ?? { params: null, values: [] }
  if (params === null || Array.isArray(params)) throw invalid('params must be an object')
  const asked: Fields = { ...params, values }
  const own = parseOwnParams(profile, params)
  const head = { profile: profile.name, ...(Object.keys(own).length > 0 ? { params: own } : {}) }
  if (profile.figures || profile.seeds?.dates) {
    const { mode, start, end, station } = parseDefectParams(profile, params)
    delete asked.loss_reasons
    if (mode === 'date_range') {
      return { query: { ...head, by: 'date_range', start: start!, end: end!, station }, asked }
    }
  }
  const resolveType = parseResolveType(profile, params)
  if (values.length === 0) throw invalid('values must contain at least one query value')
  return { query: { ...head, by: 'values', resolveType, values }, asked }
}

function tooManyValues() {
  return invalid(`values must contain at most ${LIMITS.maxValues} query values`)
}

function parseResolveType({ seeds }: ProfileDescription, { resolve_type, input_type }: Fields): string {
  const named = resolve_type ?? input_type
  const wanted = typeof named === 'string' ? named.trim() : ''
  const types = (seeds?.types ?? []).map(({ value }) => value)
  const type = types.find((each) => each === wanted)
  if (!type) throw invalid(`resolve_type must be one of: ${types.sort().join(',')}`)
  return type
}
