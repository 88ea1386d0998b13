import { ColumnBuilder, SURPRISE } from './ColumnBuilder.js'
import { createBufferLayout } from './createBufferLayout.js'
import type { ByteStore } from './createByteStore.js'
import type { PackedBatch } from './PackedBatch.js'
import { endOfSeparator, learnRowTemplate, type RowTemplate } from './RowTemplate.js'

/** More columns than any table has. Rows with more are kept as objects, so that invented names cost no builders. */
const MAX_COLUMNS = 1024

/** Cells of missing keys that columns may hold for each cell that is there. */
const MAX_MISSING_SHARE = 3

/**
 * Turns the rows of one domain's lines into columns. Fast: `begin` at the first row's brace, then `scan`
 * until it gives a position, then `finish`. Or from parsed rows, when a line held a surprise: `pack`.
 */
export class DomainPacker {
  readonly #builders = new Map<string, ColumnBuilder>()
  readonly #nextDictionary: () => number
  readonly #scratch: ByteStore
  #template: RowTemplate | null = null
  #columns: ColumnBuilder[] = []
  #bytes = new Uint8Array(0)
  #view = new DataView(new ArrayBuffer(0))
  #position = 0
  #rows = 0
  #count = 0

  constructor(nextDictionary: () => number, scratch: ByteStore) {
    this.#nextDictionary = nextDictionary
    this.#scratch = scratch
  }

  /** Takes aim at `count` rows, the first of them at `p`. Whether their shape is one to scan. */
  begin(bytes: Uint8Array<ArrayBuffer>, view: DataView<ArrayBuffer>, p: number, count: number): boolean {
    if (!this.#template || endOfSeparator(this.#template.separators, 0, view, p) === -1) {
      this.#template = learnRowTemplate(bytes, p, MAX_COLUMNS)
      if (!this.#template || !this.#use(this.#template.columns)) {
        this.#template = null
        return false
      }
    } else this.#use(this.#template.columns)
    for (const column of this.#columns) column.begin(count)
    this.#bytes = bytes
    this.#view = view
    this.#position = p
    this.#rows = 0
    this.#count = count
    return true
  }

  /**
   * Scans up to `limit` rows more; the position behind the last row once all are read, `null` before,
   * or `SURPRISE`.
   */
  scan(limit: number): number | null {
    const { separators, close } = this.#template!
    const columns = this.#columns
    const bytes = this.#bytes
    const view = this.#view
    const width = columns.length
    const end = Math.min(this.#count, this.#rows + limit)
    let p = this.#position
    for (let row = this.#rows; row < end; row++) {
      for (let i = 0; i < width; i++) {
        p = endOfSeparator(separators, i === 0 && row > 0 ? width : i, view, p)
        if (p !== SURPRISE) p = columns[i]!.scan(bytes, view, p, row)
        if (p === SURPRISE) return this.#giveUp()
      }
    }
    this.#rows = end
    this.#position = p
    if (end < this.#count) return null
    return close.every((byte, i) => bytes[p + i] === byte) ? p + close.length : this.#giveUp()
  }

  /** The next line may be like this one: it is looked at anew. */
  #giveUp(): typeof SURPRISE {
    this.#template = null
    return SURPRISE
  }

  /** The batch that `scan` has read. */
  finish(): PackedBatch {
    return this.#build(this.#count)
  }

  /** The same from parsed rows, of any shapes. */
  pack(rows: Record<string, unknown>[]): PackedBatch {
    const names = new Set<string>()
    let cells = 0
    for (const row of rows) {
      for (const name of Object.keys(row)) {
        names.add(name)
        cells++
      }
      if (names.size > MAX_COLUMNS) return { rows }
    }
    if (names.size * rows.length > (1 + MAX_MISSING_SHARE) * cells || !this.#use([...names])) return { rows }
    for (const column of this.#columns) {
      column.begin(rows.length)
      rows.forEach((row, i) => column.push(i, Object.hasOwn(row, column.name) ? row[column.name] : undefined))
    }
    return this.#build(rows.length)
  }

  #build(length: number): PackedBatch {
    const layout = createBufferLayout()
    const columns = this.#columns.map((column) => column.finish(length, layout))
    return { length, columns, buffer: layout.build() }
  }

  /** Whether there may be builders for all of `names`. */
  #use(names: string[]): boolean {
    const fresh = names.filter((name) => !this.#builders.has(name))
    if (this.#builders.size + fresh.length > MAX_COLUMNS) return false
    for (const name of fresh) {
      this.#builders.set(name, new ColumnBuilder(name, this.#nextDictionary(), this.#scratch))
    }
    this.#columns = names.map((name) => this.#builders.get(name)!)
    return true
  }
}
