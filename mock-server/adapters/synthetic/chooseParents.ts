import type { EdgeType } from '../../ports/index.js'
import { LAYER, type Layer } from './catalogue.js'
import { hash } from './hash.js'
import { SALT } from './salts.js'

export interface Parent {
  place: number
  edge: EdgeType
}

/** Most chip lots that go into a mother lot beside the first. */
const MIXED_CHIPS = 9

/**
 * A lot's parents, all of an earlier layer; the first is the one it is named after. Every lot of a layer is somebody's
 * first parent in turn, so that few lead nowhere; the others, drawn, are merges.
 *
 * @param starts first place of each layer
 */
export function chooseParents(
  family: number,
  layer: Layer,
  place: number,
  starts: readonly number[],
): Parent[] {
  const nth = place - starts[layer]!
  const draw = hash(family, place, SALT.parents)
  const lot = (from: Layer, n: number) => starts[from]! + (n % (starts[from + 1]! - starts[from]!))
  const some = (count: number, from: Layer) =>
    [draw >>> 8, draw >>> 16].slice(0, count).map((n) => lot(from, n))
  switch (layer) {
    case LAYER.wafer:
      return []
    case LAYER.chips:
      return gather('wafer_origin', lot(LAYER.wafer, nth), some(draw % 3 === 0 ? 1 : 0, LAYER.wafer))
    case LAYER.mother: {
      const mixed = Array.from({ length: MIXED_CHIPS }, (_, i) =>
        lot(LAYER.chips, hash(draw, i, SALT.parents)),
      )
      return gather('wafer_origin', lot(LAYER.chips, nth * 3), mixed)
    }
    case LAYER.moulded:
      return gather('split_from', lot(LAYER.mother, nth), some(draw % 5 === 0 ? 0 : 1, LAYER.mother))
    case LAYER.plated:
      return gather('split_from', lot(LAYER.moulded, nth), some(draw % 3 === 0 ? 0 : 1, LAYER.moulded))
    case LAYER.finished:
      return gather('split_from', lot(LAYER.plated, nth), some(draw % 3, LAYER.plated))
    case LAYER.rework:
      return gather('gd_rework_source', lot(LAYER.finished, draw), some(draw % 2, LAYER.finished))
    case LAYER.shipped:
      return gather('split_from', lot(LAYER.finished, nth), some(draw % 4 === 0 ? 1 : 0, LAYER.finished))
  }
}

function gather(edge: EdgeType, first: number, sources: number[]): Parent[] {
  const merged = new Set(sources)
  merged.delete(first)
  return [{ place: first, edge }, ...[...merged].map((place) => ({ place, edge: 'merge_source' as const }))]
}
