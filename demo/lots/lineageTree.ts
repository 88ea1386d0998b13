import type { Seed } from 'vue-trace-progress'
import type { TreeLineage } from './askLineage.js'

/** A lot in the tree. Its children are made when it is opened: a lot may be reached by many ways. */
export interface LineageNode {
  id: string
  name: string
  /** WAFER, GC, GA, GD, LOT … as the server says. */
  type: string
  childIds: readonly string[]
}

/** Reads a lineage as a tree from the seeds: forward to what was made of them, backward to what they are made of. */
export function lineageTree(seeds: readonly Seed[], lineage: TreeLineage) {
  const { raw } = lineage
  const children = lineage.childrenMap ?? mapOf(raw.parent_map) ?? lineage.ancestors ?? {}
  const names = mapOf(raw.names) ?? {}
  const nodes = mapOf(raw.nodes) ?? {}
  const seedNames = new Map(seeds.map(({ containerId, containerName }) => [containerId, containerName]))

  function node(id: string): LineageNode {
    const childIds = own(children, id)
    const facts = own(nodes, id) as { container_name?: string; node_type?: string } | undefined
    return {
      id,
      name: facts?.container_name ?? String(own(names, id) ?? seedNames.get(id) ?? id),
      type: facts?.node_type ?? '',
      childIds: Array.isArray(childIds) ? childIds : [],
    }
  }

  return { roots: seeds.map(({ containerId }) => node(containerId)), node }
}

export type LineageTree = ReturnType<typeof lineageTree>

function mapOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
}

/** Ids come from the server, and may be called `constructor`. */
function own(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined
}
