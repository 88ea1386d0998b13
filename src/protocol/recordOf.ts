import * as v from 'valibot'

/**
 * An object whose every value passes `check`. Not `v.record`: that drops keys such as `constructor`, and
 * names from a server are data; it also costs a copy, which a lineage of 114,000 CIDs feels. `valueCheck` is for
 * whoever checks in steps, or describes the schema to others.
 */
export function recordOf<T>(check: (value: unknown) => value is T, what: string) {
  const schema = v.custom<Record<string, T>>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((item) => check(item)),
    `Expected an object of ${what}`,
  )
  return Object.assign(schema, { valueCheck: check })
}

/** A list whose every item passes `check`; as `recordOf`, without a copy of each of 57,000 items. */
export function listOf<T>(check: (value: unknown) => value is T, what: string) {
  const schema = v.custom<T[]>(
    (value) => Array.isArray(value) && value.every((item) => check(item)),
    `Expected a list of ${what}`,
  )
  return Object.assign(schema, { itemCheck: check })
}
