import {
  defaultDomainsIn,
  directionIn,
  RUN_DOMAINS,
  type ProfileDescription,
  type SourceDescription,
} from '../../../src/protocol/index.js'
import { parseDefectParams } from '../defects/parseDefectParams.js'
import { parseOwnParams } from '../questions/parseOwnParams.js'
import {
  invalid,
  parseDomains,
  parseOptionalParams,
  parseProfile,
  readBody,
  readDomains,
  readField,
  type Fields,
  type Reading,
  type RequestContext,
} from '../questions/parseRequest.js'
import type { RunQuestion } from '../questions/RunQuestion.js'
import { parseSeedRequest, readSeedParams, type SeedParams } from '../stages/readSeedRequest.js'

/**
 * Reads a request for a whole question: one that seed-resolve would take, or the params of a profile without seeds, and
 * the domains of its rows. What changes no answer is not kept, and what was left out is filled in: the same question is
 * the same however it was written.
 *
 * @throws {TraceError} `INVALID_PROFILE`, `INVALID_PARAMS`
 */
export function* readRunRequest(bytes: Uint8Array, context: RequestContext): Reading<RunQuestion> {
  let name: unknown
  let params = null as SeedParams | null
  let domains = null as string[] | null
  yield* readBody(bytes, (json) => ({
    *profile() {
      name = yield* readField(json)
    },
    *params() {
      params = yield* readSeedParams(json, context)
    },
    *domains() {
      // `null` says as little as nothing does; what is no list names no domain.
      if (json.next() === 'list') domains = yield* readDomains(json)
      else domains = (yield* readField(json)) === null ? null : []
    },
  }))
  const { description } = context
  const profile = parseProfile(description, name)
  const { query, asked } = parseBeginning(profile, params)
  const direction = directionIn(profile, asked)
  return {
    profile: profile.name,
    params: figureParams(profile, asked),
    hasFigures: profile.figures === true,
    hasLineage: profile.stages.includes('lineage'),
    direction,
    query,
    domains:
      domains === null
        ? defaultDomainsIn(profile, direction)
        : parseRunDomains(description, profile, domains),
  }
}

function parseBeginning(
  profile: ProfileDescription,
  read: SeedParams | null,
): { query: RunQuestion['query']; asked: Fields } {
  const asked = parseOptionalParams(read?.params ?? null)
  if (profile.stages.includes('seeds')) return { query: parseSeedRequest(profile, read).query, asked }
  const own = parseOwnParams(profile, asked)
  return { query: { by: 'params', profile: profile.name, params: own }, asked }
}

function parseRunDomains(
  description: SourceDescription,
  profile: ProfileDescription,
  names: string[],
): string[] {
  const reserved = RUN_DOMAINS.filter((name) => names.some((each) => each.trim() === name))
  if (reserved.length > 0) {
    throw invalid(
      `domains must not name ${reserved.join(' and ')}: what there is of them comes with every run`,
    )
  }
  return parseDomains(description, profile, names)
}

/** What figures depend on, each under one name; questions without them have none. */
function figureParams(profile: ProfileDescription, asked: Fields): Fields {
  if (!profile.figures) return {}
  const { mode, start, end, station, direction, lossReasons } = parseDefectParams(profile, asked)
  return {
    mode,
    ...(mode === 'date_range' ? { start_date: start, end_date: end } : {}),
    station,
    direction,
    ...(lossReasons ? { loss_reasons: lossReasons } : {}),
  }
}
