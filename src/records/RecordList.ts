import type { RecordBatch } from './RecordBatch.js'
import { createRecordColumn, type RecordColumn } from './RecordColumn.js'
import type { Row } from './Row.js'

/**
 * The rows of one domain so far. Immutable: each batch yields a new list that shares the old batches, so
 * that a `shallowRef`, `computed`, `watch` or prop sees the change. Rows are plain objects, made when read.
 */
export class RecordList<TRow extends Row = Row> implements Iterable<TRow> {
  readonly #batches: readonly RecordBatch[]
  /** Index of each batch's first row. */
  readonly #starts: readonly number[]
  /** Rows here now. */
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

  static empty<TRow extends Row = Row>(total: number | null = null): RecordList<TRow> {
    return new RecordList<TRow>([], [], 0, total)
  }

  /** Row `i`; negative counts from the end, as `Array.at` does. */
  at(i: number): TRow | undefined {
    const index = i < 0 ? this.loaded + i : i
    if (!(index >= 0 && index < this.loaded) || !Number.isInteger(index)) return undefined
    const b = this.#batchAt(index)
    return this.#batches[b]!.at(index - this.#starts[b]!) as TRow
  }

  /** Rows `from` up to, not including, `to`, as `Array.slice` does. */
  slice(from = 0, to = this.loaded): TRow[] {
    const end = clamp(to, this.loaded)
    const rows: TRow[] = []
    for (let i = clamp(from, this.loaded); i < end;) {
      const b = this.#batchAt(i)
      const batch = this.#batches[b]!
      const start = this.#starts[b]!
      const stop = Math.min(end, start + batch.length)
      for (; i < stop; i++) rows.push(batch.at(i - start) as TRow)
    }
    return rows
  }

  /** All rows as objects: for small lists and for code that must have an array. */
  toArray(): TRow[] {
    return this.slice()
  }

  *[Symbol.iterator](): IterableIterator<TRow> {
    for (const batch of this.#batches) {
      for (let i = 0; i < batch.length; i++) yield batch.at(i) as TRow
    }
  }

  /** One column of all rows here now. A name that no row has gives a column of `undefined`. */
  column(name: string): RecordColumn {
    return createRecordColumn(this.#batches, this.loaded, name, (i) => {
      const b = this.#batchAt(i)
      return this.#batches[b]!.value(i - this.#starts[b]!, name)
    })
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

function clamp(i: number, length: number): number {
  const index = Math.trunc(i) || 0
  return index < 0 ? Math.max(length + index, 0) : Math.min(index, length)
}
