/** Lists of ids as the wire reads them: non-lists are empty, non-strings skipped, trimmed, unique, in order. */
export function normalizeIds(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  const ids = new Set<string>()
  for (const item of value) {
    if (typeof item !== 'string') continue
    const id = item.trim()
    if (id !== '') ids.add(id)
  }
  return [...ids]
}

/** What of a lineage decides which CIDs are asked for. */
export interface LineageShape {
  ancestors?: Record<string, string[]> | null
  childrenMap?: Record<string, string[]> | null
}

/**
 * The CIDs of an events request: the seeds, then their ancestors in key order, or, breadth first, their
 * descendants. Goes by the answer's own shape: `children_map` is forward, `ancestors` backward.
 */
export function mergeLineage(seeds: readonly string[], { ancestors, childrenMap }: LineageShape): string[] {
  const merged = new Set(seeds)
  if (childrenMap) {
    // A Set iterates what is added meanwhile: that is the breadth-first queue.
    for (const id of merged) {
      if (!Object.hasOwn(childrenMap, id)) continue
      for (const child of childrenMap[id]!) {
        const trimmed = child.trim()
        if (trimmed !== '') merged.add(trimmed)
      }
    }
  } else if (ancestors) {
    for (const list of Object.values(ancestors)) {
      for (const ancestor of list) if (ancestor !== '') merged.add(ancestor)
    }
  }
  return [...merged]
}
