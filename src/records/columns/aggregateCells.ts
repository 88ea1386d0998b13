import type { CodeMeaning, ColumnCells } from './ColumnCells.js'
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
      const { sums } = tally.of(cells.meaning)
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
      const { sums, seen } = tally.of(group.meaning)
      codes.set(group.codes)
      // Holes are zeros.
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
      add(sums, group?.get(i), typeof number === 'number' ? number : 0)
    }
  })
  tally.forEach((value, sum, wasSeen) => wasSeen && add(sums, value, sum))
  return sums
}

/** Least and greatest number, else of text; `null` when there is neither. */
export function extremeCells(
  runs: readonly CellRun[],
): { min: number; max: number } | { min: string; max: string } | null {
  let numbers: { min: number; max: number } | null = null
  let texts: { min: string; max: string } | null = null

  function see(value: unknown) {
    if (typeof value === 'number') numbers = widen(numbers, value)
    else if (typeof value === 'string') texts = widen(texts, value)
  }

  for (const { cells, length } of runs) {
    if (cells?.kind === 'codes') for (const value of countCells([{ cells, length }]).keys()) see(value)
    else if (cells?.kind === 'numbers' && !cells.holes)
      for (const value of limitsOf(cells.numbers)) see(value)
    else if (cells) for (let i = 0; i < length; i++) see(cells.get(i))
  }
  return numbers ?? texts
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

function widen<T extends number | string>(found: { min: T; max: T } | null, value: T): { min: T; max: T } {
  if (!found) return { min: value, max: value }
  if (value < found.min) found.min = value
  else if (value > found.max) found.max = value
  return found
}

function add(sums: Map<unknown, number>, key: unknown, amount: number) {
  sums.set(key, (sums.get(key) ?? 0) + amount)
}

function createScratch(runs: readonly CellRun[]): Uint32Array {
  return new Uint32Array(runs.reduce((most, { length }) => Math.max(most, length), 0))
}

/** Sums by code, one array for each meaning of codes. */
function createCodeTally() {
  const tallies = new Map<CodeMeaning, { sums: Float64Array; seen: Uint8Array }>()
  return {
    of(meaning: CodeMeaning) {
      let tally = tallies.get(meaning)
      if (!tally) {
        tally = { sums: new Float64Array(meaning.size()), seen: new Uint8Array(meaning.size()) }
        tallies.set(meaning, tally)
      }
      return tally
    },
    forEach(visit: (value: unknown, sum: number, wasSeen: boolean) => void) {
      for (const [meaning, { sums, seen }] of tallies) {
        sums.forEach((sum, code) => {
          // Only codes in use are decoded.
          if (sum !== 0 || seen[code] === 1) visit(meaning.of(code), sum, seen[code] === 1)
        })
      }
    },
  }
}
