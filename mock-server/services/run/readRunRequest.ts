import { defaultDomains, lineageDirection, RUN_DOMAINS, type Profile } from '../../../src/protocol/index.js'
import { parseDefectParams } from '../defects/parseDefectParams.js'
import {
  invalid,
  parseDomains,
  readBody,
  readDomains,
  readField,
  type Fields,
  type Reading,
} from '../questions/parseRequest.js'
import type { RunQuestion } from '../questions/RunQuestion.js'
import { parseSeedRequest, readSeedParams, type SeedParams } from '../stages/readSeedRequest.js'

/**
 * Reads a request for a whole question: one that seed-resolve would take, and the domains of its rows. What changes no
 * answer is not kept, and what was left out is filled in: the same question is the same however it was written.
 *
 * @throws {TraceError} `INVALID_PROFILE`, `INVALID_PARAMS`
 */
export function* readRunRequest(bytes: Uint8Array): Reading<RunQuestion> {
  let profile: unknown
  let params = null as SeedParams | null
  let domains = null as string[] | null
  yield* readBody(bytes, (json) => ({
    *profile() {
      profile = yield* readField(json)
    },
    *params() {
      params = yield* readSeedParams(json)
    },
    *domains() {
      // `null` says as little as nothing does; what is no list names no domain.
      if (json.next() === 'list') domains = yield* readDomains(json)
      else domains = (yield* readField(json)) === null ? null : []
    },
  }))
  const { query, asked } = parseSeedRequest(profile, params)
  const known = query.profile as Profile
  const direction = lineageDirection(known, asked)
  return {
    profile: known,
    // `asked` is without the reasons, which seeds do not depend on.
    params: knownParams(known, params!.params as Fields),
    direction,
    query,
    domains: domains === null ? defaultDomains(known, direction) : parseRunDomains(domains),
  }
}

function parseRunDomains(names: string[]): string[] {
  const reserved = RUN_DOMAINS.filter((name) => names.some((each) => each.trim() === name))
  if (reserved.length > 0) {
    throw invalid(
      `domains must not name ${reserved.join(' and ')}: what there is of them comes with every run`,
    )
  }
  return parseDomains(names)
}

/** What the figures of a defect question depend on, each under one name; other questions have none. */
function knownParams(profile: Profile, asked: Fields): Fields {
  if (profile !== 'mid_section_defect') return {}
  const { mode, start, end, station, direction, lossReasons } = parseDefectParams(asked)
  return {
    mode,
    ...(mode === 'date_range' ? { start_date: start, end_date: end } : {}),
    station,
    direction,
    ...(lossReasons ? { loss_reasons: lossReasons } : {}),
  }
}
