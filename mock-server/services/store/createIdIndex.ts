/** Numbers for ids, from 0, in the order they come. */
export interface IdIndex {
  readonly size: number
  /** `undefined` for an id that was never added. */
  find: (id: string) => number | undefined
  /** The id's number; a new one if it is new. */
  add: (id: string) => number
  /** All of them, in the order of their numbers. */
  ids: () => string[]
}

/** Ids of one map. A map that doubles enters all it holds anew, in one go: 200 ms for a million ids, 10 for these. */
const MAP_IDS = 2 ** 16

/** Makes an empty index. */
export function createIdIndex(): IdIndex {
  let last = new Map<string, number>()
  const maps = [last]
  let size = 0

  function find(id: string): number | undefined {
    for (const numbers of maps) {
      const number = numbers.get(id)
      if (number !== undefined) return number
    }
    return undefined
  }

  return {
    get size() {
      return size
    },
    find,
    add(id) {
      const known = find(id)
      if (known !== undefined) return known
      if (last.size === MAP_IDS) maps.push((last = new Map()))
      last.set(id, size)
      return size++
    },
    ids: () => maps.flatMap((numbers) => [...numbers.keys()]),
  }
}
