/** Ids between two places to stop. */
const STEP_IDS = 1_000

/** Lists of ids as the wire reads them: non-lists are empty, non-strings skipped, trimmed, unique, in order. */
export function normalizeIds(value: unknown): string[] {
  return finish(normalizeIdsInSteps(value))
}

/** `normalizeIds` in steps, so that the thread can do other work in between. */
export function* normalizeIdsInSteps(value: unknown): Generator<void, string[]> {
  if (!Array.isArray(value)) return []
  const ids = new Set<string>()
  for (const [i, item] of value.entries()) {
    if (i % STEP_IDS === STEP_IDS - 1) yield
    if (typeof item !== 'string') continue
    const id = item.trim()
    if (id !== '') ids.add(id)
  }
  return [...ids]
}

/** The parts of a lineage that decide which CIDs an events request names. */
export interface LineageShape {
  /** The lists of `ancestors`. */
  ancestors?: Iterable<Iterable<string>> | null
  childrenMap?: ReadonlyMap<string, Iterable<string>> | null
}

/**
 * The CIDs of an events request: the seeds, then their ancestors, or, breadth first, their descendants. Goes by the
 * answer's own shape: `children_map` is forward, `ancestors` backward.
 */
export function mergeLineage(seeds: readonly string[], lineage: LineageShape): string[] {
  return finish(mergeLineageInSteps(seeds, lineage))
}

/** `mergeLineage` in steps, so that the thread can do other work in between. */
export function* mergeLineageInSteps(
  seeds: readonly string[],
  { ancestors, childrenMap }: LineageShape,
): Generator<void, string[]> {
  let steps = 0
  const merged = new Set(seeds)
  if (childrenMap) {
    // A Set iterates what is added meanwhile: that is the breadth-first queue.
    for (const id of merged) {
      for (const child of childrenMap.get(id) ?? []) {
        const trimmed = child.trim()
        if (trimmed !== '') merged.add(trimmed)
      }
      if (++steps % STEP_IDS === 0) yield
    }
  } else {
    for (const list of ancestors ?? []) {
      for (const ancestor of list) {
        if (ancestor !== '') merged.add(ancestor)
        if (++steps % STEP_IDS === 0) yield
      }
    }
  }
  return [...merged]
}

function finish<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}
