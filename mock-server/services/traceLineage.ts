import { isTraceError, TraceError } from '../../src/errors.js'
import { isText } from '../../src/protocol/checks.js'
import { lineageDirection, type Direction } from '../../src/protocol/index.js'
import type { BatchStore } from '../ports/index.js'
import { cacheList } from './cacheList.js'
import { collectLineage, type LineageSection } from './collectLineage.js'
import { encodeItems, readItems, splice } from './fragments.js'
import { hashKey, randomHex } from './hashKey.js'
import { parseContainerIds, parseOptionalParams, parseProfile, type Body } from './parseRequest.js'
import type { Pieces } from './pieces.js'
import { findLineage, lineageKey, storeLineage, type LineageHead } from './storedLineage.js'
import type { Asker, TraceDeps } from './TraceDeps.js'
import { whenAway } from './whenAway.js'

type Deps = Pick<TraceDeps, 'source' | 'store' | 'nearStore' | 'codec' | 'clock' | 'settings' | 'warn'>

/** Texts of exceptions that mean the query was given up for taking too long. */
const TIMEOUT = /timeout|timed out|ora-01013|dpi-1067|cancelled/i

/**
 * Where the seeds come from or went to, as the JSON answer; stored, so that an events request can name it.
 *
 * @param minimal whether the id and the counts will do
 * @throws {TraceError} `INVALID_PROFILE`, `INVALID_PARAMS`, `LINEAGE_TIMEOUT`, `LINEAGE_FAILED`, `MEMORY_GUARD`
 */
export async function traceLineage(deps: Deps, body: Body, asker: Asker, minimal: boolean): Promise<Pieces> {
  const profile = parseProfile(body)
  const seedIds = parseContainerIds(body)
  const direction = lineageDirection(profile, parseOptionalParams(body))
  const cacheKey = `lineages:${await hashKey([asker.owner, profile, direction, minimal, seedIds])}`

  const known = asker.fresh ? null : await findCached(deps, cacheKey, asker.owner)
  const found = known
    ? { head: known, store: deps.store }
    : await ask(deps, seedIds, direction, asker, minimal)
  const { head, store } = found
  if (!known && store === deps.store) {
    await cacheList(deps, cacheKey, [encodeItems(deps.codec, [head.lineageId])])
  }
  return minimal ? minimalAnswer(head) : fullAnswer(store, head)
}

async function ask(
  deps: Deps,
  seedIds: string[],
  direction: Direction,
  { owner, signal }: Asker,
  minimal: boolean,
) {
  const lineageId = `trace-lin-${randomHex(16)}`
  const identity = await hashKey([direction, seedIds])
  try {
    const lineage = await collectLineage(deps, seedIds, direction, { details: !minimal, signal })
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
    if (isTraceError(cause)) throw cause
    const text = cause instanceof Error ? cause.message : String(cause)
    deps.warn?.(`Lineage of ${seedIds.length} seeds failed: ${text}`)
    if (TIMEOUT.test(text)) throw new TraceError('LINEAGE_TIMEOUT', 'lineage query timed out', { cause })
    throw new TraceError('LINEAGE_FAILED', 'lineage stage failed', { cause })
  }
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

async function* minimalAnswer(head: LineageHead): Pieces {
  yield JSON.stringify(facts(head))
}

/** Section by section, as they are stored: the answer is never whole in memory. */
async function* fullAnswer(store: BatchStore, head: LineageHead): Pieces {
  const { lineageId, direction, sections } = head
  yield JSON.stringify(facts(head)).slice(0, -1)
  if (direction === 'backward') yield ',"merges":{}'
  for (const { name, list } of [
    ...(direction === 'backward' ? [ROOTS_ARE_SEEDS] : []),
    ...sections.map(asIs),
  ]) {
    const [open, close] = name === 'roots' || name === 'edges' ? '[]' : '{}'
    yield `,"${name}":${open}`
    yield* splice((await store.get(lineageKey(lineageId, list))) ?? missing(list))
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
