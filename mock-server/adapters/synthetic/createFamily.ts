import { LAYER, LAYER_COUNT, type Catalogue, type Layer } from './catalogue.js'
import { chooseParents } from './chooseParents.js'
import type { Family } from './Family.js'
import { findCulprits } from './findCulprits.js'
import { hash } from './hash.js'
import { lotIds } from './lotIds.js'
import { orderNames, type OrderKind } from './orderNames.js'
import { reach } from './reach.js'
import { SALT } from './salts.js'
import { PRODUCTS } from './vocabulary.js'

/**
 * Fewest lots of each layer; up to `SPREAD` more, by family. Together with the parents below they give about as
 * many ancestors as tested lots (finished and rework), and some 37 ancestors to each of them.
 */
const FEWEST = [14, 15, 6, 9, 13, 52, 3, 46]
const SPREAD = [3, 3, 1, 3, 3, 7, 3, 9]

/** Makes the lots of one family and who came of whom. */
export function createFamily(index: number, startSeconds: number, catalogue: Catalogue): Family {
  const year = new Date(startSeconds * 1000).toISOString().slice(2, 4)
  const product = PRODUCTS[hash(index, 0, SALT.product) % PRODUCTS.length]!
  const layerStarts = [0]
  const layers: Layer[] = []
  for (let layer = 0; layer < LAYER_COUNT; layer++) {
    const count = FEWEST[layer]! + (hash(index, layer, SALT.layerSize) % SPREAD[layer]!)
    for (let i = 0; i < count; i++) layers.push(layer as Layer)
    layerStarts.push(layers.length)
  }
  const origins = layers.map((layer, place) => chooseParents(index, layer, place, layerStarts))
  const primary = origins.map((parents) => parents[0]?.place ?? -1)
  const sorted = origins.map((parents) => [...parents].sort((a, b) => a.place - b.place))
  const parents = sorted.map((list) => list.map(({ place }) => place))
  const children = reverse(parents)
  const wafers: number[] = []
  for (const [place, parent] of primary.entries()) wafers.push(parent === -1 ? place : wafers[parent]!)
  const family = {
    index,
    startSeconds,
    year,
    product,
    routes: product.bond === 'wire' ? catalogue.wireRoutes : catalogue.clipRoutes,
    size: layers.length,
    ids: layers.map((_, place) => lotIds.write(index, place)),
    layerStarts,
    layers,
    parents,
    edgeTypes: sorted.map((list) => list.map(({ edge }) => edge)),
    children,
    ancestors: once(() => reach(parents, layers.keys())),
    descendants: once(() => reach(children, [...layers.keys()].reverse())),
    wafers,
    ...numberOrders(index, year, layers, layerStarts, primary),
  }
  return { ...family, culprits: findCulprits(family) }
}

function reverse(parents: readonly (readonly number[])[]): number[][] {
  const children: number[][] = parents.map(() => [])
  for (const [place, list] of parents.entries()) for (const parent of list) children[parent]!.push(place)
  return children
}

/** Puts each lot under a work order: chips in two, assembly by mother lot, rework by lot. */
function numberOrders(
  family: number,
  year: string,
  layers: readonly Layer[],
  starts: readonly number[],
  primary: readonly number[],
): Pick<Family, 'orders' | 'orderOf' | 'ordinals'> {
  const orders: { name: string; lots: number[] }[] = []
  const byName = new Map<string, number>()
  const orderOf: number[] = []
  const ordinals: number[] = []
  for (const [place, layer] of layers.entries()) {
    if (layer === LAYER.wafer) {
      orderOf.push(-1)
      ordinals.push(place)
      continue
    }
    const nth = place - starts[layer]!
    let order: number
    if (layer > LAYER.mother && layer !== LAYER.rework) order = orderOf[primary[place]!]!
    else {
      const kind: OrderKind = layer === LAYER.chips ? 'GC' : layer === LAYER.mother ? 'GA' : 'GD'
      const name = orderNames.write(kind, year, family, layer === LAYER.chips ? nth % 2 : nth)
      order = byName.get(name) ?? orders.push({ name, lots: [] }) - 1
      byName.set(name, order)
    }
    orderOf.push(order)
    ordinals.push(orders[order]!.lots.push(place) - 1)
  }
  return { orders, orderOf, ordinals }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
