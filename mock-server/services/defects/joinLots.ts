import type { Postings } from './createPostings.js'
import type { DetectionLots } from './createDetectionLots.js'
import type { Reach } from './createReach.js'

/** Sums over the distinct detection lots that have each value in their lineage; arrays by value. */
export interface ValueSums {
  lots: Int32Array
  inputs: Float64Array
  defects: Float64Array
  /** Pieces rejected at the value in CIDs that any lot reaches. */
  rejects: Float64Array
  /** CIDs that any lot reaches. */
  reached: Uint8Array
}

/** Lots joined between two places to stop: 36 ancestors each, with some 20 values. */
const STEP_LOTS = 64
/** Pairs of CID and value between two places to stop. */
const STEP_PAIRS = 8_192

/** Joins detections to values through lineage, in steps. Time goes with lineage pairs × values of a CID. */
export function* joinLots(
  lots: DetectionLots,
  reach: Reach,
  postings: readonly Postings[],
  sizes: { cids: number; values: number },
): Generator<void, ValueSums> {
  const { starts, values } = yield* groupByCid(postings, sizes.cids)
  const sums: ValueSums = {
    lots: new Int32Array(sizes.values),
    inputs: new Float64Array(sizes.values),
    defects: new Float64Array(sizes.values),
    rejects: new Float64Array(sizes.values),
    reached: new Uint8Array(sizes.cids),
  }
  // Of each value the lot it was counted for last: that makes the lots distinct.
  const countedFor = new Int32Array(sizes.values).fill(-1)
  for (let lot = 0; lot < lots.count; lot++) {
    if (lot % STEP_LOTS === 0) yield
    const input = lots.inputs[lot]!
    const defects = lots.defects[lot]!
    reach.each(lot, (cid) => {
      sums.reached[cid] = 1
      const end = starts[cid + 1]!
      for (let i = starts[cid]!; i < end; i++) {
        const value = values[i]!
        if (countedFor[value] === lot) continue
        countedFor[value] = lot
        sums.lots[value]!++
        sums.inputs[value]! += input
        sums.defects[value]! += defects
      }
    })
  }
  for (const { cids, values: posted, amounts } of postings) {
    for (const [at, amount] of amounts) {
      if (sums.reached[cids.at(at)]) sums.rejects[posted.at(at)]! += amount
    }
  }
  return sums
}

/** The values of each CID in one array, from `starts[cid]` until before `starts[cid + 1]`. */
function* groupByCid(
  postings: readonly Postings[],
  cidCount: number,
): Generator<void, { starts: Int32Array; values: Int32Array }> {
  const starts = new Int32Array(cidCount + 1)
  for (const { cids } of postings) {
    for (let i = 0; i < cids.length; i++) {
      if (i % STEP_PAIRS === 0) yield
      starts[cids.at(i) + 1]!++
    }
  }
  for (let cid = 0; cid < cidCount; cid++) starts[cid + 1]! += starts[cid]!
  const next = starts.slice()
  const values = new Int32Array(starts[cidCount]!)
  for (const { cids, values: posted } of postings) {
    for (let i = 0; i < cids.length; i++) {
      if (i % STEP_PAIRS === 0) yield
      values[next[cids.at(i)]!++] = posted.at(i)
    }
  }
  return { starts, values }
}
