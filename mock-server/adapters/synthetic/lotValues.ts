import { LAYER } from './catalogue.js'
import type { Lot } from './createFactory.js'
import { lotName, orderName, serials, waferName } from './lotNames.js'

/** The values of one type that find a lot. */
export function valuesOfLot(lot: Lot, type: string): string[] {
  const order = orderName(lot)
  switch (type) {
    case 'lot_id':
      return [lotName(lot)]
    case 'work_order':
      return order === null ? [] : [order]
    case 'wafer_lot':
      return lot.family.layers[lot.place] === LAYER.wafer ? [] : [waferName(lot)]
    case 'serial_number':
      return serials(lot)
    case 'gd_work_order':
      return isRework(lot) ? [order!] : []
    case 'gd_lot_id':
      return isRework(lot) ? [lotName(lot)] : []
    default:
      return []
  }
}

export function isRework({ family, place }: Pick<Lot, 'family' | 'place'>): boolean {
  return family.layers[place] === LAYER.rework
}
