import * as v from 'valibot'
import { TraceError } from '../../../src/errors.js'
import { DIRECTIONS } from '../../../src/protocol/index.js'
import { Count } from '../../ports/checkStored.js'
import { LINEAGE_SECTIONS, type CollectedLineage, type LineageSection } from './collectLineage.js'
import { encodeItems, isA, readItems } from '../store/fragments.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'

/** What is known of a stored lineage without reading it. */
const LineageHead = v.object({
  lineageId: v.string(),
  owner: v.string(),
  direction: v.picklist(DIRECTIONS),
  cidCount: Count,
  totalNodes: Count,
  totalAncestors: v.nullable(Count),
  sections: v.array(v.picklist(LINEAGE_SECTIONS)),
  /** The same for lineages of the same seeds in the same direction. */
  identity: v.string(),
})
export type LineageHead = v.InferOutput<typeof LineageHead>

type Deps = Pick<TraceDeps, 'store' | 'codec' | 'settings'>

/** Where a list of a lineage is kept. */
export function lineageKey(lineageId: string, list?: LineageSection | 'cids' | 'seeds'): string {
  return list ? `lineage:${lineageId}:${list}` : `lineage:${lineageId}`
}

/** Stores the lists first and the head last, so that a head is never found without its lists. */
export async function storeLineage(
  { store, codec, settings }: Deps,
  { cids, seedIds, sections, cidCount, totalNodes, totalAncestors }: CollectedLineage,
  facts: Pick<LineageHead, 'lineageId' | 'owner' | 'direction' | 'identity'>,
): Promise<LineageHead> {
  const { lineageId } = facts
  const ttl = settings.jobTtlSeconds
  for (const [name, chunks] of sections) await store.put(lineageKey(lineageId, name), chunks, ttl)
  await store.put(lineageKey(lineageId, 'seeds'), seedIds, ttl)
  await store.put(lineageKey(lineageId, 'cids'), cids, ttl)
  const names = [...sections.keys()]
  const head = { ...facts, cidCount, totalNodes, totalAncestors, sections: names }
  await store.put(lineageKey(lineageId), [encodeItems(codec, [head])], ttl)
  return head
}

/** The lineage if it is still there and `owner` may use it; kept for `ttlSeconds` from now. */
export async function findLineage(
  { store, codec }: Pick<TraceDeps, 'store' | 'codec'>,
  lineageId: string,
  owner: string,
  ttlSeconds: number,
): Promise<LineageHead | null> {
  const head = await readHead({ store, codec }, lineageId)
  if (!head || head.owner !== owner) return null
  const lists = [...head.sections, 'seeds', 'cids'] as const
  for (const key of [...lists.map((list) => lineageKey(lineageId, list)), lineageKey(lineageId)]) {
    if (!(await store.touch(key, ttlSeconds))) return null
  }
  return head
}

async function readHead(
  { store, codec }: Pick<TraceDeps, 'store' | 'codec'>,
  lineageId: string,
): Promise<LineageHead | null> {
  try {
    for await (const [head] of readItems({ store, codec }, lineageKey(lineageId), isA(LineageHead))) {
      if (head) return head
    }
  } catch (cause) {
    if (!(cause instanceof TraceError) || cause.code !== 'CHUNK_MISSING') throw cause
  }
  return null
}
