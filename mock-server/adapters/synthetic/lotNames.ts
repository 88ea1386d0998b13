import { LAYER } from './catalogue.js'
import type { Factory, Lot } from './createFactory.js'
import type { Family } from './Family.js'
import { hash } from './hash.js'
import { lotIds } from './lotIds.js'
import { orderNames } from './orderNames.js'
import { SALT } from './salts.js'

const SERIAL = /^SN(\d{8,})-([1-3])$/

/** What a lot is called: its order and its position there, such as `GA26012345-A01`. Wafers: `WF26012345-01`. */
export function lotName({ family, place }: Pick<Lot, 'family' | 'place'>): string {
  const ordinal = family.ordinals[place]!
  if (family.layers[place] === LAYER.wafer) {
    return `${orderNames.write('WF', family.year, family.index, 0)}-${twoDigits(ordinal + 1)}`
  }
  return `${family.orders[family.orderOf[place]!]!.name}-A${twoDigits(ordinal)}`
}

/** The name of the wafer lot a lot was made from (by its primary parents), its own for a wafer. */
export function waferName({ family, place }: Pick<Lot, 'family' | 'place'>): string {
  return lotName({ family, place: family.wafers[place]! })
}

/** The work order of a lot; `null` for wafers. */
export function orderName({ family, place }: Pick<Lot, 'family' | 'place'>): string | null {
  return family.orders[family.orderOf[place]!]?.name ?? null
}

/** Serial numbers of what was packed from a lot: one to three for lots that nothing was made of, else none. */
export function serials({ family, place }: Pick<Lot, 'family' | 'place'>): string[] {
  if (family.children[place]!.length > 0) return []
  const count = 1 + (hash(family.index, place, SALT.serial) % 3)
  const number = String(family.index * 256 + place).padStart(8, '0')
  return Array.from({ length: count }, (_, i) => `SN${number}-${i + 1}`)
}

/** The lot of exactly this name, if the plant has one. */
export function lotOfName(factory: Factory, name: string): Lot | null {
  const order = orderNames.read(name.slice(0, name.lastIndexOf('-')))
  const family = order && factory.family(order.family)
  if (!family) return null
  for (let place = 0; place < family.size; place++) {
    if (lotName({ family, place }) === name) return toLot(family, place)
  }
  return null
}

/** The lots of a work order, in the order they were made. */
export function lotsOfOrder(factory: Factory, name: string): Lot[] {
  const read = orderNames.read(name)
  const family = read && factory.family(read.family)
  const order = family?.orders.find((candidate) => candidate.name === name)
  return order ? order.lots.map((place) => toLot(family!, place)) : []
}

/** The lots made from a wafer lot (by their primary parents), without the wafer lot itself. */
export function lotsOfWafer(factory: Factory, name: string): Lot[] {
  const wafer = lotOfName(factory, name)
  if (!wafer || wafer.family.layers[wafer.place] !== LAYER.wafer) return []
  const { family } = wafer
  const lots: Lot[] = []
  for (const [place, from] of family.wafers.entries()) {
    if (from === wafer.place && place !== wafer.place) lots.push(toLot(family, place))
  }
  return lots
}

/** The lot a serial number was packed from. */
export function lotOfSerial(factory: Factory, serial: string): Lot | null {
  const index = Number(SERIAL.exec(serial)?.[1] ?? NaN)
  const lot = Number.isSafeInteger(index)
    ? factory.lot(lotIds.write(Math.floor(index / 256), index % 256))
    : null
  return lot && serials(lot).includes(serial) ? lot : null
}

export function toLot(family: Family, place: number): Lot {
  return { id: family.ids[place]!, place, family }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
