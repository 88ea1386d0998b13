import type { EdgeType } from '../../ports/index.js'
import type { Layer, Step } from './catalogue.js'
import type { Product } from './vocabulary.js'

/**
 * Lots that share wafers: some 160 of them, from wafer to shipping carton. Lineage never leaves a family, so
 * everything about a lot follows from two small numbers: its family and its place in it.
 */
export interface Family {
  index: number
  /** When its first wafer was started: seconds since 1970, factory-local. */
  startSeconds: number
  /** Two digits, as in the names of its lots. */
  year: string
  product: Product
  /** Steps of each layer. */
  routes: readonly (readonly Step[])[]
  /** Number of lots. */
  size: number
  /** Their container ids. */
  ids: readonly string[]
  /** First place of each layer, and the size at the end. */
  layerStarts: readonly number[]
  layers: readonly Layer[]
  /** Ascending; `edgeTypes` is parallel to it. */
  parents: readonly (readonly number[])[]
  edgeTypes: readonly (readonly EdgeType[])[]
  children: readonly (readonly number[])[]
  /** All of each lot's, ascending; worked out when first asked for. */
  ancestors: () => readonly (readonly number[])[]
  descendants: () => readonly (readonly number[])[]
  /** The wafer each lot is named after: the one its first-chosen parents lead to. */
  wafers: readonly number[]
  /** Index into `orders`, or -1 for wafers, which have none. */
  orderOf: readonly number[]
  orders: readonly FamilyOrder[]
  /** Position of each lot in its order. */
  ordinals: readonly number[]
  /** What is wrong with each lot's lineage: bits of `CULPRIT`. */
  culprits: readonly number[]
}

/** A work order: `GC` for chips, `GA` for assembly, `GD` for rework. */
export interface FamilyOrder {
  name: string
  /** The lots made under it, ascending. */
  lots: readonly number[]
}
