import { LAYER_HOURS, type Step } from './catalogue.js'
import type { Family } from './Family.js'
import { hash } from './hash.js'
import { SALT } from './salts.js'

const DAY = 86_400

/**
 * Which lot of a step's `nth` material went into a lot. A new pair is opened every two to four days, by material, and
 * a family takes from one of the two. Goes by the time the layer began, so that it needs no tracks.
 */
export function materialLotOf(
  family: Pick<Family, 'index' | 'startSeconds' | 'layers'>,
  place: number,
  step: Step,
  nth: number,
): number {
  const at = family.startSeconds + LAYER_HOURS[family.layers[place]!] * 3600
  const material = step.materials[nth]!
  const choice = hash(family.index, step.index, SALT.materialUse) >>> nth
  return Math.floor(at / ((2 + ((material + 1) % 3)) * DAY)) * 2 + (choice & 1)
}

/** The name on a material lot's label. */
export function materialLotName(material: number, lotNumber: number): string {
  return `ML${String(10_000_000 + (hash(material, lotNumber, SALT.materialLot) % 90_000_000))}`
}
