import { isText } from '../../../src/protocol/checks.js'
import type { Direction } from '../../../src/protocol/index.js'
import type { BackwardLineage, ForwardLineage, StoredChunk } from '../../ports/index.js'
import { createIdIndex } from '../store/createIdIndex.js'
import { createSection, type Section } from '../store/createSection.js'
import type { Slices } from '../../../src/async/slices.js'
import { unpackItems } from '../store/fragments.js'
import type { IdList } from '../questions/parseRequest.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'

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

type Deps = Pick<TraceDeps, 'source' | 'codec' | 'settings'> & { slices: Slices }
type Batch = BackwardLineage | ForwardLineage
type SectionOf = (name: LineageSection) => Section<unknown>
type Steps<T = void> = Generator<void, T>

const AS_ITEMS: readonly LineageSection[] = ['roots', 'edges']
/** Entries added between two places to stop. */
const STEP_ENTRIES = 256

/** Asks the source for the lineage of `seeds`, a batch at a time, and packs what it says. */
export async function collectLineage(
  { source, codec, settings, slices }: Deps,
  seeds: IdList,
  direction: Direction,
  options: { details: boolean; signal: AbortSignal },
): Promise<CollectedLineage> {
  const packing = { codec, batchSize: settings.idBatchSize }
  const packed = new Map<LineageSection, Section<unknown>>()
  const section: SectionOf = (name) => {
    const as = AS_ITEMS.includes(name) ? 'items' : 'entries'
    const known = packed.get(name) ?? createSection<unknown>({ ...packing, as })
    packed.set(name, known)
    return known
  }

  const cids = createSection<string>({ ...packing, as: 'items' })
  const merge =
    direction === 'backward' ? createBackwardMerge(section, cids) : createForwardMerge(section, cids)
  const batches = () => unpackItems(codec, seeds.chunks, isText)
  for await (const ids of batches()) await slices.run(merge.addSeeds(ids))
  for await (const ids of batches()) {
    const batch = await source.lineage(ids, direction, options)
    options.signal.throwIfAborted()
    await slices.run(addDetails(section, batch))
    await slices.run(merge.add(batch))
  }
  const totalNodes = await slices.run(merge.finish())
  return {
    totalNodes,
    totalAncestors: direction === 'backward' ? totalNodes - seeds.count : null,
    cidCount: cids.size(),
    cids: cids.finish(),
    seedIds: seeds.chunks,
    sections: new Map([...packed].map(([name, each]) => [name, each.finish()])),
  }
}

function* addDetails(section: SectionOf, { names, nodes, edges }: Batch): Steps {
  yield* addAll(names, ([id, name]) => section('names').add(id, name))
  yield* addAll(nodes, (node) => section('nodes').add(node.container_id, node))
  yield* addAll(edges, (edge) =>
    section('edges').add(`${edge.from_cid}\n${edge.to_cid}\n${edge.edge_type}`, edge),
  )
}

function* addAll<T>(entries: Iterable<T>, add: (entry: T) => void): Steps {
  let count = 0
  for (const entry of entries) {
    add(entry)
    if (++count % STEP_ENTRIES === 0) yield
  }
}

interface Merge {
  addSeeds: (ids: string[]) => Steps
  add: (batch: Batch) => Steps
  /** Tells how many nodes there are. */
  finish: () => Steps<number>
}

/** Keeps the CIDs only: the seeds, then their ancestors in the order of the seeds. */
function createBackwardMerge(section: SectionOf, cids: Section<string>): Merge {
  section('ancestors')
  return {
    addSeeds: (ids) => addAll(ids, (id) => cids.add(id, id)),
    *add(batch) {
      if (batch.direction !== 'backward') return
      yield* addAll(batch.ancestors, ([seed, ancestors]) => {
        section('ancestors').add(seed, ancestors)
        for (const id of ancestors) if (id !== '') cids.add(id, id)
      })
      yield* addAll(batch.parentMap, ([child, parents]) => section('parent_map').add(child, parents))
      yield* addAll(batch.mergeEdges, ([child, sources]) => section('merge_edges').add(child, sources))
      yield* addAll(batch.seedRoots, ([seed, root]) => section('seed_roots').add(seed, root))
    },
    *finish() {
      return cids.size()
    },
  }
}

/** Keeps the whole tree: only when it is whole can it be walked from the seeds. */
function createForwardMerge(section: SectionOf, cids: Section<string>): Merge {
  const nodes = createIdIndex()
  const parents = createIdIndex()
  /** By the parent's number. */
  const families: { parent: string; children: Set<string> }[] = []
  /** Seeds, then their descendants: what is walked, and what it has come to. */
  const walked: string[] = []

  function walkTo(id: string) {
    if (cids.add(id, id)) walked.push(id)
  }

  section('children_map')
  section('leaf_serials')
  section('roots')
  return {
    addSeeds: (ids) =>
      addAll(ids, (id) => {
        walkTo(id)
        nodes.add(id)
      }),
    *add(batch) {
      if (batch.direction !== 'forward') return
      yield* addAll(batch.childrenMap, ([parent, list]) => {
        const { children } = (families[parents.add(parent)] ??= { parent, children: new Set() })
        nodes.add(parent)
        for (const child of list) {
          children.add(child)
          nodes.add(child)
        }
      })
      yield* addAll(batch.leafSerials, ([leaf, serials]) => section('leaf_serials').add(leaf, serials))
      yield* addAll(batch.roots, (root) => section('roots').add(root, root))
    },
    *finish() {
      // Breadth first, as `mergeLineage` does it on the page: an array gives what is added meanwhile.
      yield* addAll(walked, (id) => {
        const number = parents.find(id)
        for (const child of number === undefined ? [] : families[number]!.children) {
          if (child.trim() !== '') walkTo(child.trim())
        }
      })
      yield* addAll(families, ({ parent, children }) => section('children_map').add(parent, [...children]))
      return nodes.size
    },
  }
}
