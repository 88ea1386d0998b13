import { LAYER, LAYER_HOURS, type Layer, type Step } from './catalogue.js'
import type { Lot } from './createFactory.js'
import type { Family } from './Family.js'
import { hash } from './hash.js'
import { machineOf } from './machineOf.js'
import { readDefects, type Defect } from './readDefects.js'
import { SALT } from './salts.js'

/** One pass of a lot through one machine. */
export interface Track {
  step: Step
  /** Index into the step's machines. */
  machine: number
  /** Revision of the recipe, from 1. */
  revision: number
  /** Seconds since 1970, factory-local. */
  inAt: number
  outAt: number
  inQty: number
  outQty: number
  /** What was rejected; always at the lot's first pass through a group of stations. */
  defects: readonly Defect[]
}

const HOUR = 3600
/** Lots of a layer start within these hours; their steps take 22 at most. */
const STAGGER_HOURS = 10
const NONE: readonly Defect[] = []
/** Pieces to begin with, at least and at most. */
const PIECES: Record<Layer, readonly [number, number]> = {
  [LAYER.wafer]: [38_000, 64_000],
  [LAYER.chips]: [21_000, 57_000],
  [LAYER.mother]: [48_000, 96_000],
  [LAYER.moulded]: [20_000, 48_000],
  [LAYER.plated]: [12_000, 36_000],
  [LAYER.finished]: [2_400, 12_000],
  [LAYER.rework]: [400, 3_000],
  [LAYER.shipped]: [2_000, 9_000],
}

/** The passes of a lot in order of time. Steps that do not open a group are skipped now and then. */
export function readTracks({ family, place }: Pick<Lot, 'family' | 'place'>): Track[] {
  const layer = family.layers[place]!
  const route = family.routes[layer]!
  const lot = family.index * 256 + place
  const [fewest, most] = PIECES[layer]
  let quantity = fewest + (hash(lot, 0, SALT.quantity) % (most - fewest))
  let now =
    family.startSeconds + LAYER_HOURS[layer] * HOUR + (hash(lot, 0, SALT.start) % (STAGGER_HOURS * HOUR))
  const tracks: Track[] = []
  for (const step of route) {
    const draw = hash(lot, step.index, SALT.track)
    if (!step.opensGroup && draw % 16 === 0) continue
    // 4 to 38 minutes of waiting and 10 to 68 at work: twelve steps fit into 22 hours.
    const inAt = now + 240 + ((draw >>> 4) & 2047)
    const outAt = inAt + 600 + ((draw >>> 15) % 3500)
    const defects = step.opensGroup ? readDefects(family, place, step, quantity) : NONE
    let outQty = quantity
    for (const { qty } of defects) outQty -= qty
    // Three steps in four lose a few pieces, rejected or not.
    if (draw >>> 30 !== 0) outQty -= 1 + ((draw >>> 10) & 31)
    tracks.push({
      step,
      machine: machineOf(family, place, step),
      revision: 1 + ((draw >>> 20) & 7),
      inAt,
      outAt,
      inQty: quantity,
      outQty,
      defects,
    })
    quantity = outQty
    now = outAt
  }
  return tracks
}

/** The lot's first pass through a group of stations. */
export function firstTrackAt(tracks: readonly Track[], group: string): Track | null {
  return tracks.find((track) => track.step.group === group) ?? null
}

/** What was done, to which product, by which recipe. */
export function specName({ step, revision }: Track, { product }: Family): string {
  return `${step.spec}-${product.type}-R${revision}`
}
