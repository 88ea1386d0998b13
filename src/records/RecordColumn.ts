import type { RecordBatch } from './RecordBatch.js'

/** One column of a `RecordList`, read without making row objects. */
export interface RecordColumn {
  readonly name: string
  readonly length: number
  /** Cell `i`; `undefined` where the row has no such column, or where there is no row. */
  get: (i: number) => unknown
  /** The different values, in the order of their first appearance. */
  distinct: () => unknown[]
  /** How many rows have each value. */
  countBy: () => Map<unknown, number>
  /** Sum of this column's numbers for each value of another; what is not a number adds nothing. */
  sumBy: (groupColumn: string) => Map<unknown, number>
  /** Least and greatest number; of text, by code unit, when there is no number; `null` when neither. */
  minMax: () => { min: number; max: number } | { min: string; max: string } | null
}

export function createRecordColumn(
  batches: readonly RecordBatch[],
  length: number,
  name: string,
  get: (i: number) => unknown,
): RecordColumn {
  function* values(): Generator<unknown> {
    for (const batch of batches) for (let i = 0; i < batch.length; i++) yield batch.value(i, name)
  }

  return {
    name,
    length,
    get: (i) => (Number.isInteger(i) && i >= 0 && i < length ? get(i) : undefined),
    distinct: () => [...new Set(values())],
    countBy() {
      const counts = new Map<unknown, number>()
      for (const value of values()) counts.set(value, (counts.get(value) ?? 0) + 1)
      return counts
    },
    sumBy(groupColumn) {
      const sums = new Map<unknown, number>()
      for (const batch of batches) {
        for (let i = 0; i < batch.length; i++) {
          const group = batch.value(i, groupColumn)
          const value = batch.value(i, name)
          sums.set(group, (sums.get(group) ?? 0) + (typeof value === 'number' ? value : 0))
        }
      }
      return sums
    },
    minMax() {
      return extremes(values(), isNumber) ?? extremes(values(), isText)
    },
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function extremes<T extends number | string>(
  values: Iterable<unknown>,
  is: (value: unknown) => value is T,
): { min: T; max: T } | null {
  let found: { min: T; max: T } | null = null
  for (const value of values) {
    if (!is(value)) continue
    if (!found) found = { min: value, max: value }
    else if (value < found.min) found.min = value
    else if (value > found.max) found.max = value
  }
  return found
}
