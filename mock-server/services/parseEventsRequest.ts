import type { Profile } from '../../src/protocol/index.js'
import {
  invalid,
  isObject,
  parseContainerIds,
  parseDomains,
  parseIds,
  parseOptionalParams,
  parseProfile,
  type Body,
} from './parseRequest.js'
import type { QuestionInMemory } from './Question.js'

/** An events request that has been read: its ids and lineage, or the name of a stored lineage. */
export type EventsRequest =
  | { by: 'ids'; question: QuestionInMemory }
  | { by: 'lineage'; lineageId: string; question: { profile: Profile; params: unknown; domains: string[] } }

/**
 * Reads an events request. What `params` say is looked at only when they are used, as the original does.
 *
 * @throws {TraceError} `INVALID_PROFILE`, `INVALID_PARAMS`
 */
export function parseEventsRequest(body: Body): EventsRequest {
  const profile = parseProfile(body)
  if (typeof body.lineage_id === 'string' && body.lineage_id !== '') {
    const question = { profile, params: body.params, domains: parseDomains(body) }
    return { by: 'lineage', lineageId: body.lineage_id, question }
  }
  const cids = parseContainerIds(body)
  const domains = parseDomains(body)
  const lineage = parseLineage(body)
  const isForward = profile === 'mid_section_defect' && parseOptionalParams(body).direction === 'forward'
  const seedIds = parseIds(body.seed_container_ids, 'seed_container_ids')
  return {
    by: 'ids',
    question: {
      profile,
      params: body.params,
      domains,
      cids,
      seedIds: seedIds.length > 0 ? seedIds : Object.keys(lineage.ancestors),
      lineage: isForward ? lineage.childrenMap : lineage.ancestors,
      seedRoots: lineage.seedRoots,
    },
  }
}

/** `lineage`, or the same fields beside it, as the original's synchronous answers took them. */
function parseLineage(body: Body) {
  const { lineage } = body
  if (lineage !== undefined && lineage !== null && !isObject(lineage)) {
    throw invalid('lineage must be an object')
  }
  const { ancestors, children_map, seed_roots } = {
    ancestors: body.ancestors,
    seed_roots: body.seed_roots,
    ...lineage,
  } as Body
  return {
    ancestors: parseMap(ancestors, 'lineage.ancestors', ID_LISTS),
    childrenMap: parseMap(children_map, 'lineage.children_map', ID_LISTS),
    seedRoots: parseMap(seed_roots, 'lineage.seed_roots', NAMES),
  }
}

interface ItemKind<T> {
  isItem: (item: unknown) => item is T
  what: string
}

const NAMES: ItemKind<string> = { isItem: isText, what: 'names' }
const ID_LISTS: ItemKind<string[]> = { isItem: isIdList, what: 'lists of ids' }

function parseMap<T>(value: unknown, name: string, { isItem, what }: ItemKind<T>): Record<string, T> {
  if (value === undefined || value === null) return {}
  if (!isObject(value) || !Object.values(value).every(isItem))
    throw invalid(`${name} must map ids to ${what}`)
  return value as Record<string, T>
}

function isText(item: unknown): item is string {
  return typeof item === 'string'
}

function isIdList(item: unknown): item is string[] {
  return Array.isArray(item) && item.every(isText)
}
