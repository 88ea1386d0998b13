import { createCatalogue, type Catalogue } from './catalogue.js'
import { createFamily } from './createFamily.js'
import type { Family } from './Family.js'
import { lotIds } from './lotIds.js'

/** One lot with its family. */
export interface Lot {
  id: string
  place: number
  family: Family
}

/** The synthetic plant. Knows every lot it ever made or will make, and keeps only the last few families asked for. */
export interface Factory {
  catalogue: Catalogue
  family: (index: number) => Family | null
  /** `null` when the plant has no such lot. */
  lot: (id: string) => Lot | null
  /** Families that may have had a lot in work from `from` until before `to` (seconds, factory-local). */
  familiesAtWork: (from: number, to: number) => FamilyRange
}

const FIRST_DAY = Date.UTC(2020, 0, 1) / 1000
const LAST_DAY = Date.UTC(2040, 0, 1) / 1000
/** 59 tested lots to a family: some 377 a day at scale 1, 57,000 in the first five months of 2026. */
const SECONDS_PER_FAMILY = 13_500
/** From its first wafer to its last carton. */
const FAMILY_LIFE_SECONDS = 11 * 86_400
/** An id batch of 1,000 touches some 20 families. */
const KEPT_FAMILIES = 64

/** A part of the plant: families from `first` to `last`. */
export interface FamilyRange {
  first: number
  last: number
}

/**
 * Builds the plant of 2020 to 2039. Nothing is made before it is asked for.
 *
 * @param scale times the usual number of lots a day; ids and names of one scale mean nothing in another
 * @param part the only families it has; default all
 */
export function createFactory(scale = 1, part: FamilyRange = { first: 0, last: Infinity }): Factory {
  const catalogue = createCatalogue()
  const spacing = SECONDS_PER_FAMILY / scale
  const { first } = part
  const last = Math.min(part.last, Math.floor((LAST_DAY - FIRST_DAY) / spacing) - 1)
  const kept = new Map<number, Family>()

  function family(index: number): Family | null {
    if (!(index >= first && index <= last)) return null
    const known = kept.get(index)
    if (known) return known
    const made = createFamily(index, FIRST_DAY + Math.floor(index * spacing), catalogue)
    // Questions come family by family, so that the oldest is the least needed; a Map's first key is the oldest.
    if (kept.size === KEPT_FAMILIES) kept.delete(kept.keys().next().value!)
    kept.set(index, made)
    return made
  }

  return {
    catalogue,
    family,
    lot(id) {
      const ref = lotIds.read(id)
      const its = ref && family(ref.family)
      return its && ref.place < its.size ? { id, place: ref.place, family: its } : null
    },
    familiesAtWork: (from, to) => ({
      first: Math.max(first, Math.floor((from - FIRST_DAY - FAMILY_LIFE_SECONDS) / spacing)),
      last: Math.min(last, Math.ceil((to - FIRST_DAY) / spacing)),
    }),
  }
}
