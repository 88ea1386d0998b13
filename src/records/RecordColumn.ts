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
  /** Sum of this column's numbers for each value of another; what is not a number adds nothing. */
  sumBy: (groupColumn: string) => Map<unknown, number>
  /** Least and greatest number; of text, by code unit, when there is no number; `null` when neither. */
  minMax: () => { min: number; max: number } | { min: string; max: string } | null
}

/** A column of batches. `batchAt` finds the batch that a row is in, `starts` says where each begins. */
export function createRecordColumn(
  batches: readonly RecordBatch[],
  starts: readonly number[],
  length: number,
  name: string,
  batchAt: (i: number) => number,
): RecordColumn {
  // Reading goes on in the batch of the last read: a search per cell would cost more than the cell.
  let start = 0
  let end = 0
  let cells: ColumnCells | undefined

  function runsOf(column: string): CellRun[] {
    return batches.map((batch) => ({ length: batch.length, cells: batch.cells(column) }))
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
