import { runAtOnce } from '../async/slices.js'
import type { RecordBatch } from './RecordBatch.js'
import { createRecordColumn, type BatchStore, type RecordColumn } from './RecordColumn.js'
import { RecordView, type RecordRows } from './RecordView.js'
import type { ColumnName, Row, RowTest, SortOrder } from './Row.js'
import { filteredRows, sortedRows } from './rowOrders.js'
import { atIndex, sliceBounds } from './sliceBounds.js'

/**
 * The rows of one domain so far. Immutable: each batch yields a new list that shares the old batches, so
 * that a `shallowRef`, `computed`, `watch` or prop sees the change. Rows are plain objects, made when read.
 */
export class RecordList<TRow extends object = Row> implements RecordRows<TRow> {
  /** Shared with earlier and later lists: only the first `#count` batches are this list's. */
  readonly #store: BatchStore
  readonly #count: number
  /** Of the first `#countNamed` batches. */
  #columns: readonly string[] = []
  #countNamed = 0
  readonly loaded: number
  /** Rows there will be; `null` while unknown. */
  readonly total: number | null

  private constructor(store: BatchStore, count: number, loaded: number, total: number | null) {
    this.#store = store
    this.#count = count
    this.loaded = loaded
    this.total = total
    // Vue leaves frozen objects as they are: no proxy ever stands between a reader and the rows.
    Object.freeze(this)
  }

  static empty<TRow extends object = Row>(total: number | null = null): RecordList<TRow> {
    return new RecordList<TRow>({ batches: [], starts: [] }, 0, 0, total)
  }

  get columns(): readonly string[] {
    for (; this.#countNamed < this.#count; this.#countNamed++) {
      this.#columns = union(this.#columns, this.#store.batches[this.#countNamed]!.columns)
    }
    return this.#columns
  }

  at(i: number): TRow | undefined {
    const index = atIndex(i, this.loaded)
    if (index === -1) return undefined
    const b = this.#batchAt(index)
    return this.#store.batches[b]!.at(index - this.#store.starts[b]!) as TRow
  }

  slice(from = 0, to = this.loaded): TRow[] {
    const [first, end] = sliceBounds(from, to, this.loaded)
    const rows: TRow[] = []
    for (let i = first; i < end;) {
      const b = this.#batchAt(i)
      const batch = this.#store.batches[b]!
      const start = this.#store.starts[b]!
      const stop = Math.min(end, start + batch.length)
      for (; i < stop; i++) rows.push(batch.at(i - start) as TRow)
    }
    return rows
  }

  toArray(): TRow[] {
    return this.slice()
  }

  *[Symbol.iterator](): IterableIterator<TRow> {
    for (let b = 0; b < this.#count; b++) {
      const batch = this.#store.batches[b]!
      for (let i = 0; i < batch.length; i++) yield batch.at(i) as TRow
    }
  }

  column(name: ColumnName<TRow>): RecordColumn {
    return createRecordColumn(this.#store, this.#count, this.loaded, name, (i) => this.#batchAt(i))
  }

  filter(test: RowTest<TRow>): RecordView<TRow> {
    return new RecordView(this, runAtOnce(filteredRows(this, test)))
  }

  sortBy(column: ColumnName<TRow>, order?: SortOrder, locale?: string): RecordView<TRow> {
    return new RecordView(this, runAtOnce(sortedRows(this, column, order, locale)))
  }

  append(batch: RecordBatch): RecordList<TRow> {
    if (batch.length === 0) return this
    const { batches, starts } = this.#store
    // Another list has grown from this one already. An empty list always copies: it must not keep the rows of others.
    const isTaken = batches.length > this.#count || this.#count === 0
    const store = isTaken
      ? { batches: batches.slice(0, this.#count), starts: starts.slice(0, this.#count) }
      : this.#store
    store.batches.push(batch)
    store.starts.push(this.loaded)
    return this.#next(store, this.#count + 1, this.loaded + batch.length, this.total)
  }

  withTotal(total: number | null): RecordList<TRow> {
    return total === this.total ? this : this.#next(this.#store, this.#count, this.loaded, total)
  }

  /** Whether this list grew from an earlier one: then all rows of that list have the same places here. */
  continues(earlier: object): boolean {
    if (!(#store in earlier)) return false
    return earlier.#count === 0 || (earlier.#store === this.#store && earlier.#count <= this.#count)
  }

  #next(store: BatchStore, count: number, loaded: number, total: number | null): RecordList<TRow> {
    const next = new RecordList<TRow>(store, count, loaded, total)
    next.#columns = this.#columns
    next.#countNamed = this.#countNamed
    return next
  }

  /** The batch that row `i` is in, by binary search. */
  #batchAt(i: number): number {
    const { starts } = this.#store
    let low = 0
    let high = this.#count - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= i) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** The names of both, in order. Known names, the usual case, cost a comparison each. */
function union(known: readonly string[], more: readonly string[]): readonly string[] {
  if (more.every((name, i) => name === known[i])) return known
  const all = new Set(known)
  for (const name of more) all.add(name)
  return all.size === known.length ? known : [...all]
}
