import type { ResolveType } from '../../../src/protocol/index.js'
import { LAYER, type Layer } from './catalogue.js'
import { createFactory } from './createFactory.js'
import type { Family } from './Family.js'
import { readDay } from './factoryTime.js'
import { lotName, serials } from './lotNames.js'

/** Families are about four hours apart: every tenth gives examples of different days. */
const FAMILIES_APART = 10

/**
 * Values that resolve, each once, for forms and tests: lots tested from February 2026 on, and what goes with them.
 * A few come from families of different days; of many, each family gives all it has.
 *
 * @param scale the `scale` of the source they are for
 * @throws {RangeError} when the plant has fewer: it ends with 2039
 */
export function exampleValues(resolveType: ResolveType, count: number, scale = 1): string[] {
  const factory = createFactory(scale)
  const first = factory.familiesAtWork(0, readDay('2026-02-01')).last
  const { last } = factory.familiesAtWork(0, Infinity)
  const isFew = count <= Math.ceil((last + 1 - first) / FAMILIES_APART)
  const values: string[] = []
  for (let offset = 0; offset < FAMILIES_APART; offset++) {
    for (let index = first + offset; index <= last; index += FAMILIES_APART) {
      const own = valuesOf(factory.family(index)!, resolveType)
      values.push(...own.slice(0, Math.min(isFew ? 1 : own.length, count - values.length)))
      if (values.length === count) return values
    }
  }
  throw new RangeError(`The plant has ${values.length} values of ${resolveType} to show, not ${count}.`)
}

function valuesOf(family: Family, resolveType: ResolveType): string[] {
  switch (resolveType) {
    case 'lot_id':
      return namesOf(family, placesOf(family, LAYER.finished))
    case 'work_order':
      return ordersOf(family, LAYER.mother)
    case 'wafer_lot':
      // The wafers of mother lots: others may have gone into mixed lots only.
      return namesOf(
        family,
        placesOf(family, LAYER.mother).map((place) => family.wafers[place]!),
      )
    case 'serial_number':
      return placesOf(family, LAYER.shipped).flatMap((place) => serials({ family, place }))
    case 'gd_work_order':
      return ordersOf(family, LAYER.rework)
    case 'gd_lot_id':
      return namesOf(family, placesOf(family, LAYER.rework))
  }
}

function placesOf({ layerStarts }: Family, layer: Layer): number[] {
  const first = layerStarts[layer]!
  return Array.from({ length: layerStarts[layer + 1]! - first }, (_, i) => first + i)
}

function ordersOf(family: Family, layer: Layer): string[] {
  const orders = new Set(placesOf(family, layer).map((place) => family.orderOf[place]!))
  return Array.from(orders, (order) => family.orders[order]!.name)
}

function namesOf(family: Family, places: readonly number[]): string[] {
  return Array.from(new Set(places), (place) => lotName({ family, place }))
}
