import type { FamilyRange } from '../adapters/synthetic/createFactory.js'
import type { FactoryTarget } from './FactoryTarget.js'
import type { FactoryPlan } from './planFactory.js'
import { createFamilyReader, type TableRows } from './readFamilyTables.js'

/** Families that are written together, and lost together when a run ends: some 10,000 lots. */
const FAMILIES_PER_PART = 64
/** Families held in memory at once: some 50,000 rows. */
const FAMILIES_AT_ONCE = 8

interface Options {
  signal: AbortSignal
  /** Told of families that are written or on their way, of all that there are. */
  onProgress?: (done: number, all: number) => void
  familiesPerPart?: number
}

/** Writes what is missing of a factory. @throws `signal.reason` between two groups of families, on abort */
export async function writeFactory(
  target: FactoryTarget,
  plan: FactoryPlan,
  { signal, onProgress, familiesPerPart = FAMILIES_PER_PART }: Options,
): Promise<void> {
  const { first, last } = plan.families
  const reader = createFamilyReader(plan.families)
  const done = (next: number) => onProgress?.(next - first, last + 1 - first)

  async function* groups(part: FamilyRange): AsyncGenerator<TableRows> {
    for (const group of rangesIn(part, FAMILIES_AT_ONCE)) {
      signal.throwIfAborted()
      yield reader.read(group)
      done(group.last + 1)
      // Ctrl-C and the progress bar need the thread.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  const next = await target.open(plan)
  done(next)
  for (const part of rangesIn({ first: next, last }, familiesPerPart)) {
    signal.throwIfAborted()
    await target.writePart(part, groups(part))
  }
  await target.finish()
}

function* rangesIn({ first, last }: FamilyRange, size: number): Generator<FamilyRange> {
  for (let at = first; at <= last; at += size) yield { first: at, last: Math.min(at + size - 1, last) }
}
