import type { Direction } from '../../../src/protocol/index.js'
import type { IdIndex } from '../store/createIdIndex.js'
import { checkNumber, damaged, PART_INTS } from './aggregationParts.js'
import { createIntList } from './createIntList.js'

/** Which CIDs belong to a detection lot. */
export interface Reach {
  /** Whether the lineage said anything at all. */
  isKnown: boolean
  /** Calls `visit` with each CID of a lot; backward some may come twice. */
  each: (lot: number, visit: (cid: number) => void) => void
}

/** Collects the lineage, batch by batch, as integers. */
export interface ReachInput {
  /** @param relatives `ancestors` by seed, or `children_map`; an id may come again, with more of them */
  add: (relatives: Iterable<readonly [id: string, relatives: readonly string[]]>) => void
  /**
   * Backward a lot reaches itself and its ancestors; forward its descendants but not itself: what it went through before
   * it was measured is not downstream.
   *
   * @param lots ids of the detection lots
   */
  of: (lots: readonly string[]) => Reach
  /** All of it: an id, how many relatives it has, and these, by turns; an entry is not parted. */
  save: () => Generator<Int32Array>
  /** @throws {TraceError} `CHUNK_MISSING` when it is not what `save` gave */
  restore: (ints: Int32Array) => void
}

export function createReach(direction: Direction, cids: IdIndex): ReachInput {
  const keys = createIntList()
  const starts = createIntList()
  const relatives = createIntList()

  function reachOf(lots: readonly string[]): Reach {
    const own = Int32Array.from(lots, (id) => cids.add(id))
    /** Of each CID its last entry, and of each entry the one of the same CID before it. */
    const lastOf = new Int32Array(cids.size).fill(-1)
    const before = new Int32Array(keys.length)
    for (let entry = 0; entry < keys.length; entry++) {
      before[entry] = lastOf[keys.at(entry)]!
      lastOf[keys.at(entry)] = entry
    }

    function eachRelative(cid: number, visit: (cid: number) => void): void {
      for (let entry = lastOf[cid]!; entry !== -1; entry = before[entry]!) {
        const end = entry + 1 < starts.length ? starts.at(entry + 1) : relatives.length
        for (let i = starts.at(entry); i < end; i++) visit(relatives.at(i))
      }
    }

    const isKnown = keys.length > 0
    if (direction === 'backward') {
      return {
        isKnown,
        each(lot, visit) {
          visit(own[lot]!)
          eachRelative(own[lot]!, visit)
        },
      }
    }
    const reachedFor = new Int32Array(cids.size).fill(-1)
    return {
      isKnown,
      each(lot, visit) {
        // The mark also keeps a circle, which no lineage should have, from being walked for ever.
        reachedFor[own[lot]!] = lot
        const queue = [own[lot]!]
        for (let cid = queue.pop(); cid !== undefined; cid = queue.pop()) {
          eachRelative(cid, (child) => {
            if (reachedFor[child] === lot) return
            reachedFor[child] = lot
            visit(child)
            queue.push(child)
          })
        }
      },
    }
  }

  return {
    add(entries) {
      for (const [id, list] of entries) {
        keys.push(cids.add(id))
        starts.push(relatives.length)
        for (const relative of list) relatives.push(cids.add(relative))
      }
    },
    of: reachOf,
    *save() {
      let ints: number[] = []
      for (let entry = 0; entry < keys.length; entry++) {
        const from = starts.at(entry)
        const end = entry + 1 < starts.length ? starts.at(entry + 1) : relatives.length
        ints.push(keys.at(entry), end - from)
        for (let i = from; i < end; i++) ints.push(relatives.at(i))
        if (ints.length < PART_INTS) continue
        yield Int32Array.from(ints)
        ints = []
      }
      if (ints.length > 0) yield Int32Array.from(ints)
    },
    restore(ints) {
      for (let at = 0; at < ints.length;) {
        const [id, count] = [ints[at]!, ints[at + 1] ?? -1]
        const end = at + 2 + count
        if (count < 0 || end > ints.length) throw damaged()
        keys.push(checkNumber(id, cids.size))
        starts.push(relatives.length)
        for (let i = at + 2; i < end; i++) relatives.push(checkNumber(ints[i]!, cids.size))
        at = end
      }
    },
  }
}
