import type { Detection } from '../../ports/index.js'
import type { Step } from './catalogue.js'
import type { Family } from './Family.js'
import { hash } from './hash.js'
import { SALT } from './salts.js'
import { CULPRIT_REASONS, LOSS_REASONS, OTHER_LOSS_REASONS } from './vocabulary.js'

export type Defect = Detection['defects'][number]

const TEST = '測試'
/** Of ten lots at the test, so many have no defect, at most one, at most two reasons; the rest have three. */
const CLEAN = 3
const ONE_REASON = 7
const TWO_REASONS = 9

/**
 * What was rejected of a lot at a group of stations, each reason once. At the test most lots lose up to 0.9 % for each
 * of up to three reasons, and 2 to 6 % more for each culprit behind them; elsewhere one lot in five loses a little.
 */
export function readDefects(
  family: Family,
  place: number,
  { group, groupIndex }: Step,
  input: number,
): Defect[] {
  const lot = family.index * 256 + place
  const draw = hash(lot, groupIndex, SALT.defects)
  const reasons = LOSS_REASONS[group] ?? OTHER_LOSS_REASONS
  const defects: Defect[] = []
  const count = group === TEST ? reasonsAtTest(draw % 10) : draw % 5 === 0 ? 1 : 0
  // Squared, so that the first reasons of a list are the common ones.
  const first = Math.floor((((draw >>> 8) % 1000) ** 2 / 1_000_000) * reasons.length)
  for (let i = 0; i < count; i++) {
    const share = (5 + (hash(draw, i, SALT.reject) % 85)) / 10_000
    const reason = reasons[(first + i) % reasons.length]!
    defects.push({ reason, qty: Math.max(1, Math.floor(input * share)) })
  }
  const culprits = group === TEST ? family.culprits[place]! : 0
  for (const [bit, reason] of CULPRIT_REASONS.entries()) {
    const luck = hash(draw, bit, SALT.wafer)
    if ((culprits & (1 << bit)) === 0 || luck % 8 === 0) continue
    defects.push({ reason, qty: Math.max(1, Math.floor((input * (200 + ((luck >>> 4) % 400))) / 10_000)) })
  }
  return defects
}

function reasonsAtTest(tenth: number): number {
  if (tenth < CLEAN) return 0
  if (tenth < ONE_REASON) return 1
  return tenth < TWO_REASONS ? 2 : 3
}
