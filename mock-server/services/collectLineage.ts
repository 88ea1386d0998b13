import { mergeLineage, type Direction } from '../../src/protocol/index.js'
import type { BackwardLineage, ForwardLineage, StoredChunk, TraceSource } from '../ports/index.js'
import { createSection, type Section } from './createSection.js'
import { encodeItemBatches } from './fragments.js'
import type { TraceDeps } from './TraceDeps.js'

/** The lists of a lineage, by the names they have in the answer. */
export const LINEAGE_SECTIONS = [
  'ancestors',
  'children_map',
  'roots',
  'leaf_serials',
  'names',
  'parent_map',
  'merge_edges',
  'nodes',
  'edges',
  'seed_roots',
] as const
export type LineageSection = (typeof LINEAGE_SECTIONS)[number]

/** A lineage as it is stored: every list packed in batches. */
export interface CollectedLineage {
  totalNodes: number
  /** `null` when forward. */
  totalAncestors: number | null
  cidCount: number
  cids: StoredChunk[]
  seedIds: StoredChunk[]
  sections: Map<LineageSection, StoredChunk[]>
}

type Deps = Pick<TraceDeps, 'source' | 'codec' | 'clock' | 'settings'>
type Batch = BackwardLineage | ForwardLineage

const AS_ITEMS: readonly LineageSection[] = ['roots', 'edges']

/** Asks the source for the lineage of `seedIds`, a batch at a time, and packs what it says. */
export async function collectLineage(
  deps: Deps,
  seedIds: string[],
  direction: Direction,
  options: { details: boolean; signal: AbortSignal },
): Promise<CollectedLineage> {
  const { codec, settings } = deps
  const packed = new Map<LineageSection, Section<unknown>>()
  function section(name: LineageSection): Section<unknown> {
    const as = AS_ITEMS.includes(name) ? 'items' : 'entries'
    const known = packed.get(name) ?? createSection<unknown>({ codec, batchSize: settings.idBatchSize, as })
    packed.set(name, known)
    return known
  }

  const merge =
    direction === 'backward' ? createBackwardMerge(seedIds, section) : createForwardMerge(seedIds, section)
  for await (const batch of lineageBatches(deps, seedIds, direction, options)) {
    for (const [id, name] of batch.names) section('names').add(id, name)
    for (const node of batch.nodes) section('nodes').add(node.container_id, node)
    for (const edge of batch.edges) {
      section('edges').add(`${edge.from_cid}\n${edge.to_cid}\n${edge.edge_type}`, edge)
    }
    merge.add(batch)
  }

  const { cids, ...totals } = merge.finish()
  return {
    ...totals,
    cidCount: cids.length,
    cids: [...encodeItemBatches(codec, cids, settings.idBatchSize)],
    seedIds: [...encodeItemBatches(codec, seedIds, settings.idBatchSize)],
    sections: new Map([...packed].map(([name, each]) => [name, each.finish()])),
  }
}

async function* lineageBatches(
  { source, clock, settings }: Deps,
  seedIds: string[],
  direction: Direction,
  options: Parameters<TraceSource['lineage']>[2],
): AsyncGenerator<Batch> {
  for (let at = 0; at < seedIds.length; at += settings.idBatchSize) {
    yield await source.lineage(seedIds.slice(at, at + settings.idBatchSize), direction, options)
    options.signal.throwIfAborted()
    // A source in memory never waits, and others want to be served meanwhile.
    await clock.sleep(0)
  }
}

interface Merge {
  add: (batch: Batch) => void
  finish: () => { cids: string[]; totalNodes: number; totalAncestors: number | null }
}

type SectionOf = (name: LineageSection) => Section<unknown>

/** Keeps the CIDs only: the seeds, then their ancestors in the order of the seeds. */
function createBackwardMerge(seedIds: string[], section: SectionOf): Merge {
  const cids = new Set(seedIds)
  section('ancestors')
  return {
    add(batch) {
      if (batch.direction !== 'backward') return
      for (const [seed, ancestors] of batch.ancestors) {
        section('ancestors').add(seed, ancestors)
        for (const id of ancestors) if (id !== '') cids.add(id)
      }
      for (const [child, parents] of batch.parentMap) section('parent_map').add(child, parents)
      for (const [child, sources] of batch.mergeEdges) section('merge_edges').add(child, sources)
      for (const [seed, root] of batch.seedRoots) section('seed_roots').add(seed, root)
    },
    finish: () => ({
      cids: [...cids],
      totalNodes: cids.size,
      totalAncestors: cids.size - seedIds.length,
    }),
  }
}

/** Keeps the whole tree: only when it is whole can it be walked from the seeds. */
function createForwardMerge(seedIds: string[], section: SectionOf): Merge {
  const children = new Map<string, Set<string>>()
  section('children_map')
  section('leaf_serials')
  section('roots')
  return {
    add(batch) {
      if (batch.direction !== 'forward') return
      for (const [parent, list] of batch.childrenMap) {
        const known = children.get(parent) ?? new Set()
        children.set(parent, known)
        for (const child of list) known.add(child)
      }
      for (const [leaf, serials] of batch.leafSerials) section('leaf_serials').add(leaf, serials)
      for (const root of batch.roots) section('roots').add(root, root)
    },
    finish() {
      const nodes = new Set(seedIds)
      for (const [parent, list] of children) {
        section('children_map').add(parent, [...list])
        nodes.add(parent)
        for (const child of list) nodes.add(child)
      }
      const cids = mergeLineage(seedIds, { childrenMap: children })
      return { cids, totalNodes: nodes.size, totalAncestors: null }
    },
  }
}
