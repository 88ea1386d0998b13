/** Numbers for CIDs, from 0. */
export interface CidIndex {
  readonly size: number
  /** `undefined` for a CID that nobody named. */
  find: (cid: string) => number | undefined
  /** The CID's number; a new one if it is new. */
  add: (cid: string) => number
}

/** Makes an empty index. */
export function createCidIndex(): CidIndex {
  const numbers = new Map<string, number>()
  return {
    get size() {
      return numbers.size
    },
    find: (cid) => numbers.get(cid),
    add(cid) {
      let number = numbers.get(cid)
      if (number === undefined) numbers.set(cid, (number = numbers.size))
      return number
    },
  }
}
