import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import { cellOf } from './cellText.js'
import { columnLayout, valuesLayout, type ColumnLayout, type ValuesLayout } from './columnLayout.js'
import { isRecordRows } from './useRowOrder.js'

/** What a table needs of its rows; `RecordList` has it, and the columns that sorting and filtering need. */
export interface TableRows {
  readonly loaded: number
  /** `null` until it is known. */
  readonly total?: number | null
  /** Names of all columns that any row has; default: those that the first rows have. */
  readonly columns?: readonly string[]
  at: (index: number) => object | undefined
  slice: (from: number, to: number) => object[]
}

/** The rows of a first screen, so that what the reader sees first is not cut. More rows made the first task longer. */
const SAMPLE_ROWS = 24

/** Cells looked at for the widths of new columns: with 60,000 columns, one of each. */
const SAMPLE_CELLS = 5_000

export interface ColumnLayoutOptions {
  rows: () => TableRows
  /** Columns to show; default: all there are, in the order of their first appearance. */
  columns: () => readonly string[] | undefined
  headings: () => Readonly<Record<string, string>> | undefined
  /** Called when the rows are of another list, with other columns. */
  onOtherRows: () => void
}

/**
 * Columns and widths, from the first rows. They stay as they are while rows arrive, so that nothing shifts under the
 * reader's eyes; columns that appear later are put at the end.
 */
export function useColumnLayout(options: ColumnLayoutOptions): ComputedRef<readonly ColumnLayout[]> {
  const { rows, columns, headings, onOtherRows } = options
  const names = shallowRef<readonly string[]>([])
  const measured = shallowRef<ReadonlyMap<string, ValuesLayout>>(new Map())
  let loaded = 0

  const layout = computed(() => {
    const known = headings()
    return names.value.map((name) => {
      const heading = known && Object.hasOwn(known, name) ? known[name]! : name
      return columnLayout(name, heading, measured.value.get(name))
    })
  })

  function look() {
    const list = rows()
    const hasOthers = loaded > 0 && list.loaded > 0 && hasOtherColumns(list)
    if (hasOthers) onOtherRows()
    if (hasOthers || list.loaded === 0) {
      names.value = []
      measured.value = new Map()
      loaded = 0
    }
    const found = columns() ?? list.columns ?? (names.value.length > 0 ? names.value : namesOfFirst(list))
    const fresh = list.loaded > 0 ? found.filter((name) => !measured.value.has(name)) : []
    if (fresh.length > 0) measured.value = new Map([...measured.value, ...measure(fresh, list)])
    if (!isSame(found, names.value)) names.value = found
    loaded = list.loaded
  }

  /** Whether what is shown is of another list than `list`. */
  function hasOtherColumns(list: TableRows): boolean {
    if (columns() || list.columns === names.value) return false
    const known = new Set(list.columns ?? namesOfFirst(list))
    // A list that does not name its columns may have lost one of them.
    return list.columns
      ? !names.value.every((name) => known.has(name))
      : !names.value.some((name) => known.has(name))
  }

  function* measure(fresh: readonly string[], list: TableRows): Generator<[string, ValuesLayout]> {
    const most = Math.floor(SAMPLE_CELLS / fresh.length)
    const sample = list.slice(0, Math.min(Math.max(1, most), SAMPLE_ROWS))
    for (const name of fresh) {
      const values = sample.map((row) => cellOf(row, name))
      const isLate = loaded > 0 && values.every((value) => value === undefined)
      yield [
        name,
        valuesLayout(isLate && isRecordRows(list) ? lateValues(list.column(name).get, most) : values),
      ]
    }
  }

  /** Of a column that has appeared among the rows that have come last. */
  function lateValues(get: (i: number) => unknown, most: number): unknown[] {
    const values: unknown[] = []
    const end = Math.min(rows().loaded, loaded + most)
    for (let i = loaded; i < end && values.length < SAMPLE_ROWS; i++) {
      const value = get(i)
      if (value !== undefined) values.push(value)
    }
    return values
  }

  watch([rows, columns], look, { immediate: true })
  return layout
}

function namesOfFirst(list: TableRows): string[] {
  return [...new Set(list.slice(0, SAMPLE_ROWS).flatMap((row) => Object.keys(row)))]
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((name, i) => name === b[i]))
}
