import type { JsonReader } from '../../../src/json/createJsonReader.js'
import { directionIn } from '../../../src/protocol/index.js'
import type { StoredChunk } from '../../ports/index.js'
import { createPacker, createSection } from '../store/createSection.js'
import { DEFECT_PARAMS, refuseUnknownFilters } from '../defects/parseDefectParams.js'
import { ownParamNames } from '../questions/parseOwnParams.js'
import {
  checkId,
  invalid,
  MAX_IDS,
  mustHaveStage,
  parseContainerIds,
  parseDomains,
  parseOptionalParams,
  parseProfile,
  readBody,
  readDomains,
  readField,
  readIds,
  readMap,
  readParams,
  type Fields,
  type IdList,
  type Packing,
  type Params,
  type Reading,
  type RequestContext,
} from '../questions/parseRequest.js'
import type { PackedQuestion, QuestionHead } from '../questions/Question.js'

/**
 * An events request that has been read: its ids and lineage, or the name of a stored lineage. Its size is the number of
 * CIDs, or of seeds where they are more, as they are of no honest question: each has to be looked at.
 */
export type EventsRequest =
  | { by: 'ids'; question: PackedQuestion; size: number }
  | { by: 'lineage'; lineageId: string; question: Omit<QuestionHead, 'cidCount'> }

/** Most ids in the lists of a map of relatives, all together; half a year of the factory is 2.4 million. */
const MAX_RELATIVES = 5_000_000
/** Most bytes of one entry of a map: 50,000 ids. */
const MAX_ENTRY_BYTES = 2 ** 20

/** A map that came with a request, packed, and its keys as a list. */
interface PackedMap {
  count: number
  entries: StoredChunk[]
  keys: StoredChunk[]
}

/** A lineage as it came; `undefined` for what was left out. */
type Lineage = Partial<Record<'ancestors' | 'children_map' | 'seed_roots', PackedMap>>

/**
 * Reads an events request. What `params` say is looked at only when they are used, as the original does.
 *
 * @throws {TraceError} `INVALID_PROFILE`, `INVALID_PARAMS`, `CID_LIMIT_EXCEEDED`
 */
export function* readEventsRequest(
  bytes: Uint8Array,
  { description, ...packing }: RequestContext,
): Reading<EventsRequest> {
  const fields: Fields = {}
  const lists: { cids?: IdList; seeds?: IdList; domains?: string[] } = {}
  const lineage: { beside: Lineage; within: Lineage } = { beside: {}, within: {} }
  let params = null as Params
  yield* readBody(bytes, (json) => {
    const field = (name: string) =>
      function* () {
        fields[name] = yield* readField(json)
      }
    return {
      profile: field('profile'),
      lineage_id: field('lineage_id'),
      lineage_query_id: field('lineage_query_id'),
      *params() {
        params = yield* readParams(json, [...DEFECT_PARAMS, ...ownParamNames(description)])
      },
      *domains() {
        lists.domains = yield* readDomains(json)
      },
      *container_ids() {
        lists.cids = yield* readIds(json, 'container_ids', packing)
      },
      *seed_container_ids() {
        lists.seeds = yield* readIds(json, 'seed_container_ids', packing)
      },
      *lineage() {
        lineage.within = yield* readLineage(json, packing)
      },
      // Beside `lineage`, as the original's synchronous answers take them.
      *ancestors() {
        lineage.beside.ancestors = yield* readIdLists(json, 'lineage.ancestors', packing)
      },
      *seed_roots() {
        lineage.beside.seed_roots = yield* readNames(json, 'lineage.seed_roots', packing)
      },
    }
  })

  const known = parseProfile(description, fields.profile)
  mustHaveStage(known, 'seeds')
  const { name: profile, figures: isDefects = false } = known
  if (isDefects && params !== null && !Array.isArray(params)) refuseUnknownFilters(params)
  const { lineage_id: lineageId } = fields
  if (typeof lineageId === 'string' && lineageId !== '') {
    return {
      by: 'lineage',
      lineageId,
      question: { profile, params, domains: parseDomains(description, known, lists.domains) },
    }
  }
  const { chunks, count } = parseContainerIds(lists.cids)
  const domains = parseDomains(description, known, lists.domains)
  const { ancestors, children_map, seed_roots } = { ...lineage.beside, ...lineage.within }
  const isForward = isDefects && directionIn(known, parseOptionalParams(params)) === 'forward'
  const relatives = isForward ? children_map : ancestors
  const namesAnother = (fields.lineage_query_id ?? '') !== ''
  if (isDefects && namesAnother && !ancestors?.count && !children_map?.count) throw notOurs()
  const seeds = lists.seeds?.count
    ? lists.seeds
    : { chunks: ancestors?.keys ?? [], count: ancestors?.count ?? 0 }
  return {
    by: 'ids',
    size: isDefects ? Math.max(count, seeds.count) : count,
    question: {
      ...{ profile, params, domains },
      cidCount: count,
      lists: {
        cids: chunks,
        seedIds: seeds.chunks,
        lineage: relatives?.entries ?? [],
        seedRoots: seed_roots?.entries ?? [],
      },
    },
  }
}

/** Newer pages of the original name a lineage that lies at their own server: nothing is known of it here. */
function notOurs() {
  return invalid(
    'lineage_query_id names a lineage of another server: send lineage, or the lineage_id that POST /api/trace/lineage gives',
  )
}

function* readLineage(json: JsonReader, packing: Packing): Reading<Lineage> {
  const lineage: Lineage = {}
  if (json.next() !== 'map') {
    if ((yield* readField(json)) === null) return lineage
    throw invalid('lineage must be an object')
  }
  yield* readMap(json, {
    *ancestors() {
      lineage.ancestors = yield* readIdLists(json, 'lineage.ancestors', packing)
    },
    *children_map() {
      lineage.children_map = yield* readIdLists(json, 'lineage.children_map', packing)
    },
    *seed_roots() {
      lineage.seed_roots = yield* readNames(json, 'lineage.seed_roots', packing)
    },
  })
  return lineage
}

function readIdLists(json: JsonReader, name: string, packing: Packing): Reading<PackedMap> {
  let relatives = 0
  return readPackedMap(json, name, packing, (ids) => {
    if (!Array.isArray(ids) || !ids.every(isText)) throw invalid(`${name} must map ids to lists of ids`)
    relatives += ids.length
    if (relatives > MAX_RELATIVES) throw invalid(`${name} must hold at most ${MAX_RELATIVES} ids`)
    let length = 0
    for (const id of ids) {
      checkId(id, name)
      length += id.length
    }
    return length
  })
}

function readNames(json: JsonReader, name: string, packing: Packing): Reading<PackedMap> {
  return readPackedMap(json, name, packing, (text) => {
    if (!isText(text)) throw invalid(`${name} must map ids to names`)
    return text.length
  })
}

/** @param lengthOf says how long a value is, and refuses those that are no values of this map */
function* readPackedMap(
  json: JsonReader,
  name: string,
  packing: Packing,
  lengthOf: (value: unknown) => number,
): Reading<PackedMap> {
  const entries = createSection<unknown>({ ...packing, as: 'entries' })
  const keys = createPacker<string>({ ...packing, as: 'items' })
  if (json.next() !== 'map') {
    // Anything but nothing is refused as no value of such a map is.
    if ((yield* readField(json)) !== null) lengthOf(undefined)
    return { count: 0, entries: [], keys: [] }
  }
  yield* json.entries(
    (flat) => {
      for (let at = 0; at < flat.length; at += 2) {
        const key = flat[at] as string
        checkId(key, name)
        const isNew = entries.add(key, flat[at + 1], key.length + lengthOf(flat[at + 1]))
        if (isNew) keys.add(key, key, key.length)
      }
    },
    {
      items: MAX_IDS,
      itemBytes: MAX_ENTRY_BYTES,
      refuse: (what) =>
        invalid(
          what === 'items'
            ? `${name} must have at most ${MAX_IDS} keys`
            : `${name} must not have more than ${MAX_ENTRY_BYTES / 2 ** 20} MB at one key`,
        ),
    },
  )
  return { count: entries.size(), entries: entries.finish(), keys: keys.finish() }
}

function isText(item: unknown): item is string {
  return typeof item === 'string'
}
