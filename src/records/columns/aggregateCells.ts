import { compareDecimals, isKeptNumber, isNumericText } from '../decimals.js'
import type { CodeDictionary, ColumnCells } from './ColumnCells.js'
import type { PartArray } from './PackedBatch.js'

/** A stretch of one column; `undefined` cells where no row has it. */
export interface CellRun {
  length: number
  cells: ColumnCells | undefined
}

/** How many cells have each value. */
export function countCells(runs: readonly CellRun[]): Map<unknown, number> {
  const counts = new Map<unknown, number>()
  const tally = createCodeTally()
  const codes = createScratch(runs)
  for (const { cells, length } of runs) {
    if (cells?.kind === 'codes') {
      const { sums } = tally.of(cells.dictionary)
      codes.set(cells.codes)
      for (let i = 0; i < length; i++) sums[codes[i]!]!++
      continue
    }
    for (let i = 0; i < length; i++) add(counts, cells?.get(i), 1)
  }
  tally.forEach((value, count) => count > 0 && add(counts, value, count))
  return counts
}

/** Sums of the numbers of `values` by the cells of `groups`, row by row; the runs of both are alike. */
export function sumCells(values: readonly CellRun[], groups: readonly CellRun[]): Map<unknown, number> {
  const sums = new Map<unknown, number>()
  const tally = createCodeTally()
  // All types are widened into one first: a loop that meets several array types is many times slower.
  const codes = createScratch(groups)
  const numbers = new Float64Array(codes.length)
  groups.forEach(({ cells: group, length }, r) => {
    const value = values[r]!.cells
    if (group?.kind === 'codes' && value?.kind === 'numbers') {
      const { sums, seen } = tally.of(group.dictionary)
      codes.set(group.codes)
      // Cells without a number are zeros.
      numbers.set(value.numbers)
      for (let i = 0; i < length; i++) {
        const code = codes[i]!
        sums[code]! += numbers[i]!
        seen[code] = 1
      }
      return
    }
    for (let i = 0; i < length; i++) {
      const number = value?.get(i)
      add(sums, group?.get(i), numberOf(number))
    }
  })
  tally.forEach((value, sum, wasSeen) => wasSeen && add(sums, value, sum))
  return sums
}

type Limits<T> = { min: T; max: T }

/** A number kept as text adds the double next to it, unless that is none. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  const number = typeof value === 'string' && isKeptNumber(value) ? Number(value) : 0
  return Number.isFinite(number) ? number : 0
}

/** Least and greatest number, else of text; `null` when there is neither. */
export function extremeCells(runs: readonly CellRun[]): Limits<number> | Limits<string> | null {
  let numbers: Limits<number> | null = null
  let kept: Limits<string> | null = null
  let texts: Limits<string> | null = null

  function see(value: unknown) {
    if (typeof value === 'number') numbers = widen(numbers, value, compareSame)
    if (typeof value !== 'string') return
    texts = widen(texts, value, compareTexts)
    if (isKeptNumber(value)) kept = widen(kept, value, compareDecimals)
  }

  for (const { cells, length } of runs) {
    if (cells?.kind === 'codes') for (const value of countCells([{ cells, length }]).keys()) see(value)
    else if (cells?.kind === 'numbers' && !cells.nulls)
      for (const value of limitsOf(cells.numbers)) see(value)
    else if (cells) for (let i = 0; i < length; i++) see(cells.get(i))
  }
  return numbers ? withKept(numbers, kept) : texts
}

/** Of a column that has both. */
function withKept(
  { min, max }: Limits<number>,
  kept: Limits<string> | null,
): Limits<number> | Limits<string> {
  if (!kept) return { min, max }
  const all = [String(min), String(max), kept.min, kept.max].sort(compareDecimals)
  const limits = { min: all[0]!, max: all[3]! }
  return limits.min === String(min) && limits.max === String(max) ? { min, max } : limits
}

/** Wholly numeric text by value, before other text by code unit. */
function compareTexts(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [isNumericText(a), isNumericText(b)]
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
  return (isNumber && compareDecimals(a, b)) || compareSame(a, b)
}

function compareSame<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function limitsOf(numbers: PartArray): [min: number, max: number] {
  let min = numbers[0]!
  let max = min
  for (const value of numbers) {
    if (value < min) min = value
    else if (value > max) max = value
  }
  return [min, max]
}

function widen<T extends number | string>(
  found: Limits<T> | null,
  value: T,
  compare: (a: T, b: T) => number,
): Limits<T> {
  if (!found) return { min: value, max: value }
  if (compare(value, found.min) < 0) found.min = value
  else if (compare(value, found.max) > 0) found.max = value
  return found
}

function add(sums: Map<unknown, number>, key: unknown, amount: number) {
  sums.set(key, (sums.get(key) ?? 0) + amount)
}

function createScratch(runs: readonly CellRun[]): Uint32Array {
  return new Uint32Array(runs.reduce((most, { length }) => Math.max(most, length), 0))
}

/** Sums by code, one array for each dictionary. */
function createCodeTally() {
  const tallies = new Map<CodeDictionary, { sums: Float64Array; seen: Uint8Array }>()
  return {
    of(dictionary: CodeDictionary) {
      let tally = tallies.get(dictionary)
      if (!tally) {
        tally = { sums: new Float64Array(dictionary.size()), seen: new Uint8Array(dictionary.size()) }
        tallies.set(dictionary, tally)
      }
      return tally
    },
    forEach(visit: (value: unknown, sum: number, wasSeen: boolean) => void) {
      for (const [dictionary, { sums, seen }] of tallies) {
        sums.forEach((sum, code) => {
          // Only codes in use are decoded.
          if (sum !== 0 || seen[code] === 1) visit(dictionary.at(code), sum, seen[code] === 1)
        })
      }
    },
  }
}
