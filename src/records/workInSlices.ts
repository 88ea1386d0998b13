import { runInSlices } from './createSlicer.js'
import type { RecordRows, RowTest, SortOrder } from './RecordRows.js'
import { RecordView } from './RecordView.js'
import { filteredRows, searchedRows, sortedRows } from './rowOrders.js'
import type { RowWork } from './rowWork.js'

export interface SliceOptions {
  signal?: AbortSignal
  /** Longest the page is blocked at a time, in ms; default 6. */
  sliceMs?: number
}

/**
 * `rows.filter(test)` that lets the page work in between.
 *
 * @throws `signal.reason` on abort
 */
export async function filterInSlices<TRow extends object>(
  rows: RecordRows<TRow>,
  test: RowTest<TRow>,
  options?: SliceOptions,
): Promise<RecordView<TRow>> {
  return new RecordView(rows, await workInSlices(filteredRows(rows, test), options))
}

/**
 * `rows.sortBy(column, order, locale)` that lets the page work in between.
 *
 * @throws `signal.reason` on abort
 */
export async function sortInSlices<TRow extends object>(
  rows: RecordRows<TRow>,
  column: string,
  order?: SortOrder,
  { locale, ...options }: SliceOptions & { locale?: string } = {},
): Promise<RecordView<TRow>> {
  return new RecordView(rows, await workInSlices(sortedRows(rows, column, order, locale), options))
}

/**
 * The rows that have every word of `text` in some cell, and every phrase in quotes, whatever their case, width or blanks;
 * lets the page work in between.
 *
 * @param columns where to look; default all
 * @throws `signal.reason` on abort
 */
export async function searchInSlices<TRow extends object>(
  rows: RecordRows<TRow>,
  text: string,
  { columns = rows.columns, ...options }: SliceOptions & { columns?: readonly string[] } = {},
): Promise<RecordView<TRow>> {
  return new RecordView(rows, await workInSlices(searchedRows(rows, text, columns), options))
}

function workInSlices(work: RowWork, { signal, sliceMs }: SliceOptions = {}): Promise<Uint32Array> {
  return runInSlices(work, signal, sliceMs)
}
