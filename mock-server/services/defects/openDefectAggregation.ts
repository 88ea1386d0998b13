import { runAtOnce, UNSLICED } from '../../../src/async/slices.js'
import type { DefectAggregation, DefectAggregationInput } from './DefectAggregation.js'
import { createIdIndex } from '../store/createIdIndex.js'
import { createTextPool } from './createTextPool.js'
import { createPostings, type Postings } from './createPostings.js'
import { createValueIndex } from './createValueIndex.js'
import { describeDefects } from './describeDefects.js'
import { joinLots } from './joinLots.js'
import { readDetectionLots } from './readDetectionLots.js'
import { readReach } from './readReach.js'

/**
 * Reads detections and lineage, and is then ready for rows. A value's sums are over the distinct detection lots that
 * have it in their lineage (backward: the lot and its ancestors, forward: its descendants), its rate is their defects by
 * their input, and only the loss reasons asked for count as defects.
 *
 * @throws whatever `source.detections` throws; the signal's reason
 */
export async function openDefectAggregation(input: DefectAggregationInput): Promise<DefectAggregation> {
  const { params, lineage, seedRoots } = input
  const cids = createIdIndex()
  const values = createValueIndex()
  const lots = await readDetectionLots(input)
  const reach = await readReach(params.direction, stopping(lineage, input), lots, cids)
  const pool = createTextPool()
  const roots = new Array<string | undefined>(lots.count)
  for await (const batch of stopping(seedRoots, input)) {
    for (const [id, root] of Object.entries(batch)) {
      const lot = lots.positions.get(id)
      if (lot !== undefined) roots[lot] = pool(root)
    }
  }
  const observed = new Map<string, Postings | null>()

  function* finishInSteps() {
    const postings = [...observed.values()].filter((one) => one !== null)
    const sums = yield* joinLots(lots, reach, postings, { cids: cids.size, values: values.size })
    let downstreamRejects = 0
    for (const { rejected } of postings) {
      for (const [cid, amount] of rejected) if (sums.reached[cid]) downstreamRejects += amount
    }
    return describeDefects({
      direction: params.direction,
      lots,
      roots,
      hasLineage: reach.isKnown,
      values,
      sums,
      downstreamRejects,
    })
  }

  return {
    observe(domain, rows) {
      let postings = observed.get(domain)
      if (postings === undefined) observed.set(domain, (postings = createPostings(domain, cids, values)))
      postings?.take(rows)
    },

    forget(domain) {
      observed.delete(domain)
    },

    finish: () => runAtOnce(finishInSteps()),
    finishInSteps,
  }
}

/** The same batches until `signal` aborts, with time for other work in between. */
async function* stopping<T>(
  batches: AsyncIterable<T>,
  { signal, slices = UNSLICED }: Pick<DefectAggregationInput, 'signal' | 'slices'>,
): AsyncGenerator<T> {
  for await (const batch of batches) {
    await slices.breathe()
    signal.throwIfAborted()
    yield batch
  }
}
