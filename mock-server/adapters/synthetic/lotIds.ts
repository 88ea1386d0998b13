/** A lot: the family it belongs to and its place there. */
export interface LotRef {
  family: number
  place: number
}

/** Site and table, as Oracle container ids begin. */
const PREFIX = '48810380'
const DIGITS = 8
/** More places than any family has lots. */
const PLACES = 256

/**
 * Container ids: sixteen hexadecimal digits that say which lot it is, so that nothing need be looked up. They
 * sort as lots were made, family by family.
 */
export const lotIds = {
  write: (family: number, place: number): string =>
    PREFIX + (family * PLACES + place).toString(16).padStart(DIGITS, '0'),

  /** The lot an id means, or `null` when it is none of ours; whether there is such a lot only the family knows. */
  read(id: string): LotRef | null {
    if (id.length !== PREFIX.length + DIGITS || !id.startsWith(PREFIX)) return null
    let index = 0
    for (let i = PREFIX.length; i < id.length; i++) {
      const code = id.charCodeAt(i)
      const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1
      if (digit === -1) return null
      index = index * 16 + digit
    }
    return { family: Math.floor(index / PLACES), place: index % PLACES }
  },
}
