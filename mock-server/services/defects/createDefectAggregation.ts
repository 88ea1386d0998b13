import { runAtOnce } from '../../../src/async/slices.js'
import type { Direction } from '../../../src/protocol/index.js'
import type { Detection, Row } from '../../ports/index.js'
import { createIdIndex } from '../store/createIdIndex.js'
import { createDetectionLots } from './createDetectionLots.js'
import { checkNumber, damaged, PART_INTS, PART_ITEMS, type AggregationPart } from './aggregationParts.js'
import { createPostings, restorePostings, type Postings } from './createPostings.js'
import { createReach } from './createReach.js'
import { createTextPool } from './createTextPool.js'
import { createValueIndex, type Dimension } from './createValueIndex.js'
import { describeDefects } from './describeDefects.js'
import type { FigureRoles } from './figureRoles.js'
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
  /** What it holds of rows and lineage, to be restored elsewhere; detections and roots are kept as they came. */
  save: () => Generator<AggregationPart>
  /**
   * Takes parts of a saved one, in their order, into an empty one.
   *
   * @throws {TraceError} `CHUNK_MISSING` when they do not fit together
   */
  restore: (part: AggregationPart) => void
}

/** @param roles what the columns of domains say to figures */
export function createDefectAggregation(direction: Direction, roles: FigureRoles): DefectAggregation {
  const cids = createIdIndex()
  const values = createValueIndex()
  const detections = createDetectionLots()
  const reach = createReach(direction, cids)
  const pool = createTextPool()
  const rootOf = new Map<string, string>()
  const observed = new Map<string, Postings | null>()

  function* finishInSteps(lossReasons: readonly string[] | null) {
    const lots = detections.lots(lossReasons)
    yield
    const reached = reach.of(lots.ids)
    yield
    const postings = [...observed.values()].filter((one) => one !== null)
    const sums = yield* joinLots(lots, reached, postings, { cids: cids.size, values: values.size })
    let downstreamRejects = 0
    for (const { rejected } of postings) {
      for (const [cid, amount] of rejected) if (sums.reached[cid]) downstreamRejects += amount
    }
    yield
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

  function* save(): Generator<AggregationPart> {
    yield { kind: 'begin' }
    yield* inParts(cids.ids(), (ids) => ({ kind: 'ids', ids }))
    const named = Array.from({ length: values.size }, (_, value): [Dimension, string] => {
      return [values.dimensionOf(value), values.nameOf(value)]
    })
    yield* inParts(named, (some) => ({ kind: 'values', values: some }))
    for (const ints of reach.save()) yield { kind: 'reach', ints }
    for (const [domain, postings] of observed) {
      if (!postings) continue
      for (let at = 0; at < postings.cids.length; at += PART_INTS / 2) {
        const pairs = Math.min(PART_INTS / 2, postings.cids.length - at)
        const ints = Int32Array.from({ length: 2 * pairs }, (_, i) => {
          return (i % 2 === 0 ? postings.cids : postings.values).at(at + (i >> 1))
        })
        yield { kind: 'pairs', domain, ints }
      }
      for (const kind of ['amounts', 'rejected'] as const) {
        yield* inParts([...postings[kind]], (entries) => ({ kind, domain, entries }))
      }
    }
    yield { kind: 'end' }
  }

  const restored = new Map<string, ReturnType<typeof restorePostings>>()

  function postingsOf(domain: string) {
    const known = restored.get(domain) ?? restorePostings()
    restored.set(domain, known)
    observed.set(domain, known)
    return known
  }

  function restore(part: AggregationPart) {
    switch (part.kind) {
      case 'begin':
      case 'end':
        return
      case 'ids':
        for (const id of part.ids) cids.add(id)
        return
      case 'values':
        for (const [dimension, name] of part.values) values.restore(dimension, name)
        return
      case 'reach':
        return reach.restore(part.ints)
      case 'pairs': {
        const postings = postingsOf(part.domain)
        if (part.ints.length % 2 !== 0) throw damaged()
        for (let i = 0; i < part.ints.length; i += 2) {
          postings.cids.push(checkNumber(part.ints[i]!, cids.size))
          postings.values.push(checkNumber(part.ints[i + 1]!, values.size))
        }
        return
      }
      default: {
        const postings = postingsOf(part.domain)
        const count = part.kind === 'amounts' ? postings.cids.length : cids.size
        for (const [at, amount] of part.entries) postings[part.kind].set(checkNumber(at, count), amount)
      }
    }
  }

  return {
    save,
    restore,
    addDetections: detections.add,
    addLineage: reach.add,
    addRoots(roots) {
      for (const [id, root] of roots) rootOf.set(id, pool(root))
    },
    observe(domain, rows) {
      let postings = observed.get(domain)
      if (postings === undefined)
        observed.set(domain, (postings = createPostings(roles.get(domain), cids, values)))
      postings?.take(rows)
    },
    forget: (domain) => observed.delete(domain),
    finish: (lossReasons) => runAtOnce(finishInSteps(lossReasons)),
    finishInSteps,
  }
}

function* inParts<T>(
  items: readonly T[],
  toPart: (some: T[]) => AggregationPart,
): Generator<AggregationPart> {
  for (let at = 0; at < items.length; at += PART_ITEMS) yield toPart(items.slice(at, at + PART_ITEMS))
}
