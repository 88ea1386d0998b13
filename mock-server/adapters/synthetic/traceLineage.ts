import type {
  BackwardLineage,
  EdgeType,
  ForwardLineage,
  LineageEdge,
  LineageNode,
  NodeType,
} from '../../ports/index.js'
import { LAYER, type Layer } from './catalogue.js'
import type { Factory, Lot } from './createFactory.js'
import { failOnLineage } from './faults.js'
import type { Family } from './Family.js'
import { lotName, orderName, serials, toLot, waferName } from './lotNames.js'
import { createBreather } from './createBreather.js'

interface Options {
  details: boolean
  signal: AbortSignal
}

const NODE_TYPES: Record<Layer, NodeType> = {
  [LAYER.wafer]: 'WAFER',
  [LAYER.chips]: 'GC',
  [LAYER.mother]: 'GA',
  [LAYER.moulded]: 'LOT',
  [LAYER.plated]: 'LOT',
  [LAYER.finished]: 'LOT',
  [LAYER.rework]: 'GD',
  [LAYER.shipped]: 'LOT',
}

/** Everything the seeds were made of. A seed the plant does not know has an entry without ancestors. */
export async function traceBackward(
  factory: Factory,
  seedIds: readonly string[],
  { details, signal }: Options,
): Promise<BackwardLineage> {
  failOnLineage(seedIds)
  const breathe = createBreather(signal)
  const ancestors = new Map<string, string[]>()
  const seedRoots = new Map<string, string>()
  const seen = createLotSet()
  for (const id of seedIds) {
    await breathe()
    const seed = factory.lot(id)
    ancestors.set(id, seed ? idsOf(seed, seed.family.ancestors()) : [])
    if (!seed) continue
    seedRoots.set(id, waferName(seed))
    seen.add(seed.family, [seed.place])
    seen.add(seed.family, seed.family.ancestors()[seed.place]!)
  }
  const parentMap = new Map<string, string[]>()
  const mergeEdges = new Map<string, string[]>()
  const lots = seen.lots()
  for (const lot of lots) {
    await breathe()
    const parents = idsOf(lot, lot.family.parents)
    if (details && parents.length > 0) parentMap.set(lot.id, parents)
    const sources = parents.filter((_, i) => edgeTypes(lot)[i] === 'merge_source')
    if (sources.length > 0) mergeEdges.set(lot.id, sources)
  }
  return {
    direction: 'backward',
    ancestors,
    parentMap,
    mergeEdges,
    seedRoots,
    ...(await describe(lots, details, breathe)),
  }
}

/** Everything that was made of the seeds, and, as the original service has it, where they came from. */
export async function traceForward(
  factory: Factory,
  seedIds: readonly string[],
  { details, signal }: Options,
): Promise<ForwardLineage> {
  failOnLineage(seedIds)
  const breathe = createBreather(signal)
  const seen = createLotSet()
  for (const id of seedIds) {
    await breathe()
    const seed = factory.lot(id)
    if (!seed) continue
    const { family, place } = seed
    seen.add(family, [place])
    seen.add(family, family.ancestors()[place]!)
    seen.add(family, family.descendants()[place]!)
  }
  const roots: string[] = []
  const childrenMap = new Map<string, string[]>()
  const leafSerials = new Map<string, string[]>()
  const lots = seen.lots()
  for (const lot of lots) {
    await breathe()
    if (lot.family.parents[lot.place]!.length === 0) roots.push(lot.id)
    const children = idsOf(lot, lot.family.children)
    if (children.length > 0) childrenMap.set(lot.id, children)
    else leafSerials.set(lot.id, serials(lot))
  }
  return {
    direction: 'forward',
    roots,
    childrenMap,
    leafSerials,
    ...(await describe(lots, details, breathe)),
  }
}

async function describe(lots: readonly Lot[], details: boolean, breathe: ReturnType<typeof createBreather>) {
  const names = new Map<string, string>()
  const nodes: LineageNode[] = []
  const edges: LineageEdge[] = []
  if (!details) return { names, nodes, edges }
  for (const lot of lots) {
    await breathe()
    const node = toNode(lot)
    names.set(lot.id, node.container_name)
    nodes.push(node)
    edges.push(...edgesTo(lot))
  }
  return { names, nodes, edges }
}

export function toNode(lot: Lot): LineageNode {
  return {
    container_id: lot.id,
    container_name: lotName(lot),
    mfgorder_name: orderName(lot),
    wafer_lot: waferName(lot),
    node_type: NODE_TYPES[lot.family.layers[lot.place]!],
  }
}

/** Those from the parents of a lot. */
export function edgesTo(lot: Lot): LineageEdge[] {
  return idsOf(lot, lot.family.parents).map((parent, i) => {
    return { from_cid: parent, to_cid: lot.id, edge_type: edgeTypes(lot)[i]! }
  })
}

function edgeTypes({ family, place }: Lot): readonly EdgeType[] {
  return family.edgeTypes[place]!
}

function idsOf({ family, place }: Lot, relatives: readonly (readonly number[])[]): string[] {
  return relatives[place]!.map((relative) => family.ids[relative]!)
}

/** Lots, each once: families as they came, lots as they were made. */
function createLotSet() {
  const marks = new Map<Family, Uint8Array>()
  return {
    add(family: Family, places: readonly number[]) {
      let marked = marks.get(family)
      if (!marked) marks.set(family, (marked = new Uint8Array(family.size)))
      for (const place of places) marked[place] = 1
    },
    lots(): Lot[] {
      const lots: Lot[] = []
      for (const [family, marked] of marks) {
        for (const [place, mark] of marked.entries()) if (mark) lots.push(toLot(family, place))
      }
      return lots
    },
  }
}
