import { LAYER, LAYER_HOURS } from '../adapters/synthetic/catalogue.js'
import { createFactory, type Factory, type FamilyRange } from '../adapters/synthetic/createFactory.js'
import { readDay } from '../adapters/synthetic/factoryTime.js'

/** The part of the synthetic factory that is written: whole families, so that no lineage leads out of it. */
export interface FactoryPlan {
  families: FamilyRange
  lots: number
}

/** The day that the last lots are tested on. */
export const LAST_DAY = '2026-05-31'
const HOUR = 3600
const DAY = 24 * HOUR

/** The families that end with May 2026 and have so many lots or, to be whole, some more. */
export function planFactory(lots: number): FactoryPlan {
  const factory = createFactory()
  const untilSeconds = readDay(LAST_DAY) + DAY - LAYER_HOURS[LAYER.finished] * HOUR
  const { last } = factory.familiesAtWork(untilSeconds, untilSeconds)
  let first = last
  let count = sizeOf(factory, last)
  while (count < lots && first > 0) count += sizeOf(factory, --first)
  return { families: { first, last }, lots: count }
}

function sizeOf(factory: Factory, index: number): number {
  return factory.family(index)!.size
}
