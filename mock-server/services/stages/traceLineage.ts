import { isTraceError, TraceError } from '../../../src/errors.js'
import { isText } from '../../../src/protocol/checks.js'
import { directionIn, type Direction } from '../../../src/protocol/index.js'
import type { BatchStore, StoredChunk } from '../../ports/index.js'
import { cacheList } from '../store/cacheList.js'
import { collectLineage, type LineageSection } from './collectLineage.js'
import type { Slices } from '../../../src/async/slices.js'
import { encodeItems, readItems, splice } from '../store/fragments.js'
import { hashChunks, hashKey } from '../questions/hashKey.js'
import { newLineageId } from '../questions/newId.js'
import {
  mustHaveStage,
  parseContainerIds,
  parseOptionalParams,
  parseProfile,
  readBody,
  readField,
  readIds,
  readParams,
  type IdList,
  type Params,
  type Reading,
  type RequestContext,
} from '../questions/parseRequest.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import { findLineage, lineageKey, storeLineage, type LineageHead } from './storedLineage.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'
import { whenAway } from '../store/whenAway.js'

type Deps = Pick<TraceDeps, 'source' | 'store' | 'nearStore' | 'codec' | 'settings' | 'warn'> & {
  slices: Slices
}

/** A lineage request that has been read. */
export interface LineageRequest {
  profile: string
  direction: Direction
  seeds: IdList
}

/** Texts of exceptions that mean the query was given up for taking too long. */
const TIMEOUT = /timeout|timed out|ora-01013|dpi-1067|cancelled/i

/** @throws {TraceError} `INVALID_PROFILE`, `INVALID_PARAMS`, `CID_LIMIT_EXCEEDED` */
export function* readLineageRequest(
  bytes: Uint8Array,
  { description, ...packing }: RequestContext,
): Reading<LineageRequest> {
  let profile: unknown
  let params = null as Params
  const lists: { seeds?: IdList } = {}
  yield* readBody(bytes, (json) => ({
    *profile() {
      profile = yield* readField(json)
    },
    *params() {
      params = yield* readParams(json, ['direction'])
    },
    *container_ids() {
      lists.seeds = yield* readIds(json, 'container_ids', packing)
    },
  }))
  const known = parseProfile(description, profile)
  mustHaveStage(known, 'lineage')
  const seeds = parseContainerIds(lists.seeds)
  return { profile: known.name, direction: directionIn(known, parseOptionalParams(params)), seeds }
}

/**
 * Where the seeds come from or went to, as the JSON answer; stored, so that an events request can name it.
 *
 * @param minimal whether the id and the counts will do
 * @throws {TraceError} `LINEAGE_TIMEOUT`, `LINEAGE_FAILED`, `MEMORY_GUARD`
 */
export async function traceLineage(
  deps: Deps,
  request: LineageRequest,
  caller: Caller,
  minimal: boolean,
): Promise<BodyChunks> {
  const { profile, direction, seeds } = request
  const seedsHash = await hashChunks([seeds.chunks])
  const cacheKey = `lineages:${await hashKey([caller.owner, profile, direction, minimal, seedsHash])}`

  const known = caller.fresh ? null : await findCached(deps, cacheKey, caller.owner)
  const found = known
    ? { head: known, store: deps.store }
    : await ask(deps, request, await hashKey([direction, seedsHash]), caller, minimal)
  const { head, store } = found
  if (!known && store === deps.store) {
    await cacheList(deps, cacheKey, [encodeItems(deps.codec, [head.lineageId])])
  }
  return minimal ? minimalAnswer(head) : fullAnswer(store, head)
}

async function ask(
  deps: Deps,
  { seeds, direction }: LineageRequest,
  identity: string,
  { owner, signal }: Caller,
  minimal: boolean,
) {
  const lineageId = newLineageId()
  try {
    const lineage = await collectLineage(deps, seeds, direction, { details: !minimal, signal })
    const storeIn = async (store: BatchStore) => {
      return {
        head: await storeLineage({ ...deps, store }, lineage, { lineageId, owner, direction, identity }),
        store,
      }
    }
    return await whenAway(
      () => storeIn(deps.store),
      () => storeIn(deps.nearStore ?? deps.store),
    )
  } catch (cause) {
    throw lineageProblem(cause, deps.warn)
  }
}

/** What a caller is told of what the source threw. */
export function lineageProblem(cause: unknown, warn?: (message: string) => void): TraceError {
  if (isTraceError(cause)) return cause
  const text = cause instanceof Error ? cause.message : String(cause)
  warn?.(`A lineage query failed: ${text}`)
  if (TIMEOUT.test(text)) return new TraceError('LINEAGE_TIMEOUT', 'lineage query timed out', { cause })
  return new TraceError('LINEAGE_FAILED', 'lineage stage failed', { cause })
}

function findCached(deps: Deps, cacheKey: string, owner: string): Promise<LineageHead | null> {
  const find = async () => {
    if (!(await deps.store.get(cacheKey))) return null
    for await (const [lineageId] of readItems(deps, cacheKey, isText)) {
      if (lineageId) return findLineage(deps, lineageId, owner, deps.settings.jobTtlSeconds)
    }
    return null
  }
  return whenAway(find, () => null)
}

async function* minimalAnswer(head: LineageHead): BodyChunks {
  yield JSON.stringify(facts(head))
}

/** Section by section, as they are stored: the answer is never whole in memory. */
function fullAnswer(store: BatchStore, head: LineageHead): BodyChunks {
  const { lineageId, direction, sections } = head
  return sectionsAnswer(facts(head), direction, sections, async (list) => {
    return (await store.get(lineageKey(lineageId, list))) ?? missing(list)
  })
}

type SectionList = LineageSection | 'seeds'
type ReadSection = (list: SectionList) => Promise<AsyncIterable<StoredChunk> | Iterable<StoredChunk>>

/** A whole lineage as JSON. */
export async function* sectionsAnswer(
  facts: Record<string, unknown>,
  direction: Direction,
  sections: readonly LineageSection[],
  read: ReadSection,
): BodyChunks {
  yield JSON.stringify(facts).slice(0, -1)
  if (direction === 'backward') yield ',"merges":{}'
  for (const { name, list } of [
    ...(direction === 'backward' ? [ROOTS_ARE_SEEDS] : []),
    ...sections.map(asIs),
  ]) {
    const [open, close] = name === 'roots' || name === 'edges' ? '[]' : '{}'
    yield `,"${name}":${open}`
    yield* splice(await read(list))
    yield close!
  }
  yield '}'
}

const ROOTS_ARE_SEEDS = { name: 'roots', list: 'seeds' } as const

function asIs(section: LineageSection) {
  return { name: section, list: section }
}

function missing(list: string): never {
  throw new TraceError('CHUNK_MISSING', `A part of the lineage is no longer stored (${list})`)
}

function facts({ lineageId, cidCount, totalNodes, totalAncestors }: LineageHead) {
  return {
    stage: 'lineage',
    lineage_id: lineageId,
    cid_count: cidCount,
    total_nodes: totalNodes,
    ...(totalAncestors === null ? {} : { total_ancestor_count: totalAncestors }),
  }
}
