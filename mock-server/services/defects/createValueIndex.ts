/** What defects are attributed to. */
export const DIMENSIONS = ['station', 'machine', 'material', 'downstream_reason'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** Numbers for the values of all dimensions, in one row from 0. */
export interface ValueIndex {
  readonly size: number
  /** The value's number; a new one if it is new. */
  of: (dimension: Dimension, name: string) => number
  /** A material lot's: told apart by part and lot, called `part (lot)`. */
  ofMaterial: (part: string, lot: string | null) => number
  /** Takes the next value of a stored index: two materials may be called alike. */
  restore: (dimension: Dimension, name: string) => void
  nameOf: (value: number) => string
  dimensionOf: (value: number) => Dimension
}

/** Makes an empty index. */
export function createValueIndex(): ValueIndex {
  const names: string[] = []
  const dimensions: Dimension[] = []
  const numbers = Object.fromEntries(DIMENSIONS.map((name) => [name, new Map<string, number>()])) as Record<
    Dimension,
    Map<string, number>
  >
  // Two steps, as joining part and lot for each of a million rows costs more than both look-ups.
  const lotsOfPart = new Map<string, Map<string | null, number>>()

  function add(dimension: Dimension, name: string): number {
    dimensions.push(dimension)
    return names.push(name) - 1
  }

  return {
    get size() {
      return names.length
    },
    of(dimension, name) {
      let value = numbers[dimension].get(name)
      if (value === undefined) numbers[dimension].set(name, (value = add(dimension, name)))
      return value
    },
    ofMaterial(part, lot) {
      let lots = lotsOfPart.get(part)
      if (!lots) lotsOfPart.set(part, (lots = new Map()))
      let value = lots.get(lot)
      if (value === undefined)
        lots.set(lot, (value = add('material', lot === null ? part : `${part} (${lot})`)))
      return value
    },
    restore: (dimension, name) => void add(dimension, name),
    nameOf: (value) => names[value]!,
    dimensionOf: (value) => dimensions[value]!,
  }
}
