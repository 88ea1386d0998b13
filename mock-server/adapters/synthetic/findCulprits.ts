import { LAYER, type Step } from './catalogue.js'
import type { Family } from './Family.js'
import { hash } from './hash.js'
import { machineOf } from './machineOf.js'
import { materialLotOf } from './materialLots.js'
import { SALT } from './salts.js'

/** What a lot has behind it that makes it fail at the test; bits, so that one lot may have several. */
export const CULPRIT = { machine: 1, material: 2, wafer: 4 } as const

/** The one bond machine that loosens wires. */
const BAD_MACHINE = 6
/** One silver glue lot in so many does not hold. */
const BAD_GLUE_EVERY = 29
/** One wafer lot in so many has cracks. */
const BAD_WAFER_EVERY = 60

/**
 * Finds, for each lot of a family, what is wrong with its lineage: a mother lot that ran on the bad machine or used
 * bad glue taints all that came of it, a cracked wafer those that were made from it. So a search over lineages has
 * something to find.
 */
export function findCulprits(family: Omit<Family, 'culprits'>): number[] {
  const steps = family.routes[LAYER.mother]!
  const bond = steps.find((step) => step.spec === '焊線')
  const glue = steps.find((step) => step.spec === '點膠')!
  const culprits: number[] = []
  for (const [place, layer] of family.layers.entries()) {
    let bits = 0
    for (const parent of family.parents[place]!) bits |= culprits[parent]! & ~CULPRIT.wafer
    if (layer === LAYER.mother) {
      if (bond && machineOf(family, place, bond) === BAD_MACHINE) bits |= CULPRIT.machine
      if (isBadGlue(glue, materialLotOf(family, place, glue, 0))) bits |= CULPRIT.material
    }
    if (hash(family.index, family.wafers[place]!, SALT.wafer) % BAD_WAFER_EVERY === 0) bits |= CULPRIT.wafer
    culprits.push(bits)
  }
  return culprits
}

function isBadGlue(step: Step, lotNumber: number): boolean {
  return hash(step.index, lotNumber, SALT.materialLot) % BAD_GLUE_EVERY === 0
}
