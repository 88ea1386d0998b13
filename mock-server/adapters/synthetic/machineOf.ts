import type { Step } from './catalogue.js'
import type { Family } from './Family.js'
import { hash } from './hash.js'
import { SALT } from './salts.js'

/** So many of a step's machines work on one family. */
const MACHINES_PER_FAMILY = 4

/**
 * Which of a step's machines worked on a lot. A family runs on four, as a real campaign does: were they
 * drawn lot by lot, every machine would be in every lineage and none could stand out.
 */
export function machineOf(family: Pick<Family, 'index'>, place: number, step: Step): number {
  const nth = hash(family.index * 256 + place, step.index, SALT.spareMachine) % MACHINES_PER_FAMILY
  return hash(family.index, step.index * MACHINES_PER_FAMILY + nth, SALT.machine) % step.machines.length
}
