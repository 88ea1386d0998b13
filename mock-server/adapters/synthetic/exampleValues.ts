import type { ResolveType } from '../../../src/protocol/index.js'
import { LAYER } from './catalogue.js'
import { createFactory } from './createFactory.js'
import type { Family } from './Family.js'
import { readDay } from './factoryTime.js'
import { lotName, serials } from './lotNames.js'

/** Families are about four hours apart: every tenth gives examples of different days. */
const FAMILIES_APART = 10

/**
 * Values that resolve, for forms and tests: lots tested from February 2026 on, and what goes with them.
 *
 * @param scale the `scale` of the source they are for
 */
export function exampleValues(resolveType: ResolveType, count: number, scale = 1): string[] {
  const factory = createFactory(scale)
  const { last } = factory.familiesAtWork(0, readDay('2026-02-01'))
  return Array.from({ length: count }, (_, i) =>
    exampleOf(factory.family(last + i * FAMILIES_APART)!, resolveType),
  )
}

function exampleOf(family: Family, resolveType: ResolveType): string {
  const first = (layer: number) => family.layerStarts[layer]!
  switch (resolveType) {
    case 'lot_id':
      return lotName({ family, place: first(LAYER.finished) })
    case 'work_order':
      return family.orders[family.orderOf[first(LAYER.mother)]!]!.name
    case 'wafer_lot':
      // The wafer of the first mother lot: others may have gone into mixed lots only.
      return lotName({ family, place: family.wafers[first(LAYER.mother)]! })
    case 'serial_number':
      return serials({ family, place: first(LAYER.shipped) })[0]!
    case 'gd_work_order':
      return family.orders[family.orderOf[first(LAYER.rework)]!]!.name
    case 'gd_lot_id':
      return lotName({ family, place: first(LAYER.rework) })
  }
}
