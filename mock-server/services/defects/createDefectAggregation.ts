import { runAtOnce } from '../../../src/async/slices.js'
import type { Direction } from '../../../src/protocol/index.js'
import type { Detection, Row } from '../../ports/index.js'
import { createIdIndex } from '../store/createIdIndex.js'
import { createDetectionLots } from './createDetectionLots.js'
import { createPostings, type Postings } from './createPostings.js'
import { createReach } from './createReach.js'
import { createTextPool } from './createTextPool.js'
import { createValueIndex } from './createValueIndex.js'
import { describeDefects } from './describeDefects.js'
import { joinLots } from './joinLots.js'

/**
 * Joins detections to passing rows. It takes its inputs in any order, as they come, and holds integers for each CID and
 * lineage pair, never rows.
 */
export interface DefectAggregation {
  /** A lot that comes again counts once. */
  addDetections: (detections: readonly Detection[]) => void
  /** @param relatives `ancestors` of the seeds when backward, `children_map` when forward; an id may come again, with more */
  addLineage: (relatives: Iterable<readonly [id: string, relatives: readonly string[]]>) => void
  /** @param roots names of the seeds' roots */
  addRoots: (roots: Iterable<readonly [id: string, root: string]>) => void
  /** Takes rows of a domain, each exactly once. */
  observe: (domain: string, rows: readonly Row[]) => void
  /** Takes back everything observed of a domain (it has failed). */
  forget: (domain: string) => void
  /**
   * The wire's `aggregation` object. A value's sums are over the distinct detection lots that have it in their lineage
   * (backward: the lot and its ancestors, forward: its descendants), its rate is their defects by their input.
   *
   * @param lossReasons the only ones that count as defects; `null`: all of them
   */
  finish: (lossReasons: readonly string[] | null) => Record<string, unknown>
  /** The same in steps, with time for other work in between. */
  finishInSteps: (lossReasons: readonly string[] | null) => Generator<void, Record<string, unknown>>
}

export function createDefectAggregation(direction: Direction): DefectAggregation {
  const cids = createIdIndex()
  const values = createValueIndex()
  const detections = createDetectionLots()
  const reach = createReach(direction, cids)
  const pool = createTextPool()
  const rootOf = new Map<string, string>()
  const observed = new Map<string, Postings | null>()

  function* finishInSteps(lossReasons: readonly string[] | null) {
    const lots = detections.lots(lossReasons)
    const reached = reach.of(lots.ids)
    const postings = [...observed.values()].filter((one) => one !== null)
    const sums = yield* joinLots(lots, reached, postings, { cids: cids.size, values: values.size })
    let downstreamRejects = 0
    for (const { rejected } of postings) {
      for (const [cid, amount] of rejected) if (sums.reached[cid]) downstreamRejects += amount
    }
    return describeDefects({
      direction,
      lots,
      roots: lots.ids.map((id) => rootOf.get(id)),
      hasLineage: reached.isKnown,
      values,
      sums,
      downstreamRejects,
    })
  }

  return {
    addDetections: detections.add,
    addLineage: reach.add,
    addRoots(roots) {
      for (const [id, root] of roots) rootOf.set(id, pool(root))
    },
    observe(domain, rows) {
      let postings = observed.get(domain)
      if (postings === undefined) observed.set(domain, (postings = createPostings(domain, cids, values)))
      postings?.take(rows)
    },
    forget: (domain) => observed.delete(domain),
    finish: (lossReasons) => runAtOnce(finishInSteps(lossReasons)),
    finishInSteps,
  }
}
