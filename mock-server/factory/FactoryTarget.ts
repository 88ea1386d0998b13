import type { FamilyRange } from '../adapters/synthetic/createFactory.js'
import type { FactoryPlan } from './planFactory.js'
import type { TableRows } from './readFamilyTables.js'

/** Where a factory is written to. What is written stays, so that another run goes on. */
export interface FactoryTarget {
  /**
   * Makes what is missing.
   *
   * @returns the first family that is not written
   * @throws {Error} one sentence: what is in the way, and what to do
   */
  open: (plan: FactoryPlan) => Promise<number>
  /** Writes all tables of some families, or nothing. @param groups of rows, as they are asked for */
  writePart: (part: FamilyRange, groups: AsyncIterable<TableRows>) => Promise<void>
  /** What is done once everything is written. */
  finish: () => Promise<void>
  close: () => Promise<void>
}
