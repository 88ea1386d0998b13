import * as v from 'valibot'

/**
 * An object with values that all pass `check`. `v.record` would drop keys such as `constructor`, though names from a
 * server are data, and would copy a lineage of 114,000 CIDs. Checking in steps, and describing the schema, use
 * `valueCheck`.
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

/** A list of items that all pass `check`; like `recordOf`, without a copy of 57,000 items. */
export function listOf<T>(check: (value: unknown) => value is T, what: string) {
  const schema = v.custom<T[]>(
    (value) => Array.isArray(value) && value.every((item) => check(item)),
    `Expected a list of ${what}`,
  )
  return Object.assign(schema, { itemCheck: check })
}
