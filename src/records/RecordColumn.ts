import type { ColumnCells } from './columns/ColumnCells.js'
import { countCells, extremeCells, sumCells, type CellRun } from './columns/aggregateCells.js'
import type { RecordBatch } from './RecordBatch.js'

/** One column of rows, read without making row objects. */
export interface RecordColumn {
  readonly name: string
  readonly length: number
  /** Cell `i`; `undefined` where the row has no such column, or where there is no row. */
  get: (i: number) => unknown
  /** The different values, in no particular order. */
  distinct: () => unknown[]
  /** How many rows have each value. */
  countBy: () => Map<unknown, number>
  /**
   * Sum of this column's numbers for each value of another. Other values add nothing. A number kept as text
   * (`parseExactly`) adds the double next to it.
   */
  sumBy: (groupColumn: string) => Map<unknown, number>
  /**
   * Least and greatest number; as texts, when one of the two is kept as text. A column without numbers gives its least
   * and greatest text: numeric text first, by value, then other text by code unit. `null` when there is neither.
   */
  minMax: () => { min: number; max: number } | { min: string; max: string } | null
}

/** Batches one after the other. */
export interface BatchStore {
  readonly batches: RecordBatch[]
  /** Index of each batch's first row. */
  readonly starts: number[]
}

/** A column of the first `count` batches. `batchAt` finds the batch that a row is in. */
export function createRecordColumn(
  { batches, starts }: BatchStore,
  count: number,
  length: number,
  name: string,
  batchAt: (i: number) => number,
): RecordColumn {
  // The batch of the last read is tried first: a search per cell would cost more than the cell.
  let start = 0
  let end = 0
  let cells: ColumnCells | undefined

  function runsOf(column: string): CellRun[] {
    return batches.slice(0, count).map((batch) => ({ length: batch.length, cells: batch.cells(column) }))
  }

  return {
    name,
    length,
    get(i) {
      if (!(i >= start && i < end)) {
        if (!(i >= 0 && i < length)) return undefined
        const b = batchAt(i)
        start = starts[b]!
        end = start + batches[b]!.length
        cells = batches[b]!.cells(name)
      }
      return cells?.get(i - start)
    },
    distinct: () => [...countCells(runsOf(name)).keys()],
    countBy: () => countCells(runsOf(name)),
    sumBy: (groupColumn) => sumCells(runsOf(name), runsOf(groupColumn)),
    minMax: () => extremeCells(runsOf(name)),
  }
}

/** A column of some rows of another. `columnOf` gives the source's other columns. */
export function createViewColumn(
  column: RecordColumn,
  indices: Uint32Array,
  columnOf: (name: string) => RecordColumn,
): RecordColumn {
  function runsOf({ get }: RecordColumn): CellRun[] {
    return [{ length: indices.length, cells: { kind: 'values', get: (i) => get(indices[i]!) } }]
  }

  return {
    name: column.name,
    length: indices.length,
    get: (i) => (i >= 0 && i < indices.length ? column.get(indices[i]!) : undefined),
    distinct: () => [...countCells(runsOf(column)).keys()],
    countBy: () => countCells(runsOf(column)),
    sumBy: (groupColumn) => sumCells(runsOf(column), runsOf(columnOf(groupColumn))),
    minMax: () => extremeCells(runsOf(column)),
  }
}
