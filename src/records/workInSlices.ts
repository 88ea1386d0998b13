import { runInSlices, type SliceOptions } from '../async/slices.js'
import { RecordView, type RecordRows } from './RecordView.js'
import type { RowTest, SortOrder } from './Row.js'
import { filteredRows, searchedRows, sortedRows } from './rowOrders.js'

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
  return new RecordView(rows, await runInSlices(filteredRows(rows, test), options))
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
  return new RecordView(rows, await runInSlices(sortedRows(rows, column, order, locale), options))
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
  return new RecordView(rows, await runInSlices(searchedRows(rows, text, columns), options))
}
