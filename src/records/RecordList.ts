import type { RecordBatch } from './RecordBatch.js'
import { createRecordColumn, type RecordColumn } from './RecordColumn.js'
import type { RecordRows, RowTest, SortOrder } from './RecordRows.js'
import { RecordView } from './RecordView.js'
import type { ColumnName, Row } from './Row.js'
import { filteredRows, sortedRows } from './rowOrders.js'
import { finish } from './rowWork.js'
import { atIndex, sliceBounds } from './sliceBounds.js'

/**
 * The rows of one domain so far. Immutable: each batch yields a new list that shares the old batches, so
 * that a `shallowRef`, `computed`, `watch` or prop sees the change. Rows are plain objects, made when read.
 */
export class RecordList<TRow extends object = Row> implements RecordRows<TRow> {
  readonly #batches: readonly RecordBatch[]
  /** Index of each batch's first row. */
  readonly #starts: readonly number[]
  #columns: readonly string[] | undefined
  readonly loaded: number
  /** Rows there will be; `null` while unknown. */
  readonly total: number | null

  private constructor(
    batches: readonly RecordBatch[],
    starts: readonly number[],
    loaded: number,
    total: number | null,
  ) {
    this.#batches = batches
    this.#starts = starts
    this.loaded = loaded
    this.total = total
    // Vue leaves frozen objects as they are: no proxy ever stands between a reader and the rows.
    Object.freeze(this)
  }

  static empty<TRow extends object = Row>(total: number | null = null): RecordList<TRow> {
    return new RecordList<TRow>([], [], 0, total)
  }

  get columns(): readonly string[] {
    return (this.#columns ??= [...new Set(this.#batches.flatMap((batch) => batch.columns))])
  }

  at(i: number): TRow | undefined {
    const index = atIndex(i, this.loaded)
    if (index === -1) return undefined
    const b = this.#batchAt(index)
    return this.#batches[b]!.at(index - this.#starts[b]!) as TRow
  }

  slice(from = 0, to = this.loaded): TRow[] {
    const [first, end] = sliceBounds(from, to, this.loaded)
    const rows: TRow[] = []
    for (let i = first; i < end;) {
      const b = this.#batchAt(i)
      const batch = this.#batches[b]!
      const start = this.#starts[b]!
      const stop = Math.min(end, start + batch.length)
      for (; i < stop; i++) rows.push(batch.at(i - start) as TRow)
    }
    return rows
  }

  toArray(): TRow[] {
    return this.slice()
  }

  *[Symbol.iterator](): IterableIterator<TRow> {
    for (const batch of this.#batches) {
      for (let i = 0; i < batch.length; i++) yield batch.at(i) as TRow
    }
  }

  column(name: ColumnName<TRow>): RecordColumn {
    return createRecordColumn(this.#batches, this.#starts, this.loaded, name, (i) => this.#batchAt(i))
  }

  filter(test: RowTest<TRow>): RecordView<TRow> {
    return new RecordView(this, finish(filteredRows(this, test)))
  }

  sortBy(column: ColumnName<TRow>, order?: SortOrder): RecordView<TRow> {
    return new RecordView(this, finish(sortedRows(this, column, order)))
  }

  append(batch: RecordBatch): RecordList<TRow> {
    if (batch.length === 0) return this
    return new RecordList<TRow>(
      [...this.#batches, batch],
      [...this.#starts, this.loaded],
      this.loaded + batch.length,
      this.total,
    )
  }

  withTotal(total: number | null): RecordList<TRow> {
    return total === this.total ? this : new RecordList<TRow>(this.#batches, this.#starts, this.loaded, total)
  }

  /** The batch that row `i` is in, by binary search. */
  #batchAt(i: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= i) low = middle
      else high = middle - 1
    }
    return low
  }
}
