import { expect } from 'vitest'
import { known, hasProfile, reachedFrom, trace, type Check, type Exam } from './Exam.js'
import { UNKNOWN } from './SourceFacts.js'

const EDGE_TYPES = ['split_from', 'merge_source', 'wafer_origin', 'gd_rework_source']
const NODE_TYPES = ['WAFER', 'GC', 'GA', 'GD', 'LOT', 'UNKNOWN']
/** Lots that are asked about one by one. */
const FEW = 12

const isBeside = (exam: Exam) =>
  hasProfile(exam, ({ stages }) => stages.includes('lineage')) ? null : 'no profile has lineage'

export const LINEAGE_CHECKS: Check[] = [
  {
    name: 'traces every seed back to all its ancestors, sorted, each once and without itself',
    isBeside,
    async run(exam) {
      const ids = known(exam, 'ids')
      const { ancestors, parentMap } = await trace(exam, ids, 'backward', true)
      expect([...ancestors.keys()].sort()).toEqual([...new Set(ids)].sort())
      expect([...ancestors.values()].flat(), 'ancestors of the ids that are known').not.toEqual([])
      for (const [id, above] of ancestors) {
        expect(above, id).toEqual([...new Set(above)].sort())
        expect(reachedFrom(id, parentMap).sort(), `${id} by the parents in parentMap`).toEqual(above)
      }
    },
  },
  {
    name: 'traces every seed on to all its descendants',
    isBeside,
    async run(exam) {
      const ids = known(exam, 'ids')
      const { childrenMap } = await trace(exam, ids, 'forward')
      const below = new Set(ids.flatMap((id) => reachedFrom(id, childrenMap)))
      expect(below.size, 'descendants of the ids that are known').toBeGreaterThan(0)
      // Asked about themselves, they have no children that the first answer left out.
      const again = await trace(exam, [...below], 'forward')
      for (const id of below) {
        expect(setOf(childrenMap.get(id)), `children of ${id}`).toEqual(setOf(again.childrenMap.get(id)))
      }
    },
  },
  {
    name: 'finds the same lineage from above and from below',
    isBeside,
    async run(exam) {
      for (const id of known(exam, 'ids').slice(0, FEW)) {
        const above = (await trace(exam, [id], 'backward')).ancestors.get(id) ?? []
        const below = reachedFrom(id, (await trace(exam, [id], 'forward')).childrenMap)
        const { childrenMap } = await trace(exam, above, 'forward')
        for (const ancestor of above) {
          expect(reachedFrom(ancestor, childrenMap), `made of ${ancestor}`).toContain(id)
        }
        const { ancestors } = await trace(exam, below, 'backward')
        for (const descendant of below) expect(ancestors.get(descendant), descendant).toContain(id)
      }
    },
  },
  {
    name: 'traces a seed alone as in company',
    isBeside,
    async run(exam) {
      const ids = known(exam, 'ids')
      const { ancestors, seedRoots } = await trace(exam, ids, 'backward')
      for (const id of ids.slice(0, FEW)) {
        const alone = await trace(exam, [id], 'backward')
        expect(alone.ancestors).toEqual(new Map([[id, ancestors.get(id)]]))
        expect(alone.seedRoots.get(id)).toBe(seedRoots.get(id))
      }
    },
  },
  {
    name: 'names roots and leaves: nothing is above those, and nothing below these',
    isBeside,
    async run(exam) {
      const { roots, childrenMap, leafSerials } = await trace(exam, known(exam, 'ids'), 'forward')
      expect(roots).not.toEqual([])
      expect(new Set(roots).size).toBe(roots.length)
      const { ancestors } = await trace(exam, roots, 'backward')
      for (const root of roots) expect(ancestors.get(root), `ancestors of the root ${root}`).toEqual([])
      for (const [leaf, serials] of leafSerials) {
        expect(childrenMap.get(leaf) ?? [], `children of the leaf ${leaf}`).toEqual([])
        for (const serial of serials) expect(serial).toEqual(expect.any(String))
      }
    },
  },
  {
    name: 'describes each lot and each edge of a lineage when details are asked for',
    isBeside,
    async run(exam) {
      const ids = known(exam, 'ids')
      const { ancestors, parentMap, mergeEdges, ...details } = await trace(exam, ids, 'backward', true)
      const lots = new Set([...ids, ...[...ancestors.values()].flat()])
      expect(setOf(details.nodes.map((node) => node.container_id))).toEqual(lots)
      expect(setOf(details.names.keys())).toEqual(lots)
      for (const node of details.nodes) {
        expect(NODE_TYPES).toContain(node.node_type)
        expect(node.container_name).toBe(details.names.get(node.container_id))
      }
      const edges = details.edges.map((edge) => `${edge.from_cid} → ${edge.to_cid}`)
      expect(setOf(edges)).toEqual(setOf(pairs(parentMap)))
      expect(setOf(details.edges.map((edge) => edge.edge_type))).toEqual(
        setOf(details.edges.map((edge) => edge.edge_type).filter((type) => EDGE_TYPES.includes(type))),
      )
      const merges = details.edges.filter((edge) => edge.edge_type === 'merge_source')
      expect(setOf(merges.map((edge) => `${edge.from_cid} → ${edge.to_cid}`))).toEqual(
        setOf(pairs(mergeEdges)),
      )
    },
  },
  {
    name: 'leaves details out when they are not asked for, and nothing else',
    isBeside,
    async run(exam) {
      const ids = known(exam, 'ids')
      const none = { names: new Map(), nodes: [], edges: [] }
      const back = await trace(exam, ids, 'backward')
      expect(back).toMatchObject({ ...none, parentMap: new Map() })
      const { ancestors, mergeEdges, seedRoots } = await trace(exam, ids, 'backward', true)
      expect([back.ancestors, back.mergeEdges, back.seedRoots]).toEqual([ancestors, mergeEdges, seedRoots])
      const on = await trace(exam, ids, 'forward')
      expect(on).toMatchObject(none)
      const { roots, childrenMap, leafSerials } = await trace(exam, ids, 'forward', true)
      expect([on.roots, on.childrenMap, on.leafSerials]).toEqual([roots, childrenMap, leafSerials])
    },
  },
  {
    name: 'takes seeds it does not know, and none at all',
    isBeside,
    async run(exam) {
      const [id] = known(exam, 'ids')
      const mixed = await trace(exam, [UNKNOWN, id!], 'backward', true)
      expect(mixed.ancestors.get(UNKNOWN)).toEqual([])
      expect(mixed.ancestors.get(id!)).toEqual((await trace(exam, [id!], 'backward')).ancestors.get(id!))
      expect((await trace(exam, [UNKNOWN], 'forward')).childrenMap.get(UNKNOWN) ?? []).toEqual([])
      expect((await trace(exam, [], 'backward')).ancestors).toEqual(new Map())
      expect((await trace(exam, [], 'forward')).childrenMap).toEqual(new Map())
    },
  },
  {
    name: 'ends where a lineage leads back to itself',
    isBeside: (exam) => isBeside(exam) ?? (exam.facts.inCycle ? null : 'no lot in a cycle is known'),
    async run(exam) {
      const id = known(exam, 'inCycle')
      const { ancestors, parentMap } = await trace(exam, [id], 'backward', true)
      const { childrenMap } = await trace(exam, [id], 'forward')
      expect(ancestors.get(id)).toEqual(reachedFrom(id, parentMap).sort())
      const leadsBack = reachedFrom(id, childrenMap).some((other) => childrenMap.get(other)?.includes(id))
      expect(leadsBack, `${id} is its own descendant`).toBe(true)
    },
  },
]

function setOf<T>(values: Iterable<T> | undefined): Set<T> {
  return new Set(values ?? [])
}

function pairs(parents: ReadonlyMap<string, readonly string[]>): string[] {
  return [...parents].flatMap(([child, own]) => own.map((parent) => `${parent} → ${child}`))
}
