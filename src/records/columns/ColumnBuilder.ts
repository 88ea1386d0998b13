import { hashBytes, isSameBytes, lowBytes, mixHash } from './bytes.js'
import { appendBytes, createByteStore, reserve, type ByteStore } from './createByteStore.js'
import type { BufferLayout } from './createBufferLayout.js'
import { isValidUtf8 } from './isValidUtf8.js'
import { narrowestType } from './narrowestType.js'
import {
  FIRST_CODE,
  MISSING_CELL,
  NULL_CELL,
  type PackedColumn,
  type PackedTexts,
  type Part,
} from './PackedBatch.js'
import { scanNumber } from './scanNumber.js'
import { TextTable } from './TextTable.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const WORD_NULL = 0x6c6c756e
const WORD_TRUE = 0x65757274
const WORD_ALSE = 0x65736c61

// One bit per byte: a byte below 0x20, a quote or a backslash ends the plain part of a text.
const ONES = 0x01010101
const SPACES = 0x20202020
const QUOTES = 0x22222222
const BACKSLASHES = 0x5c5c5c5c
const HIGH_BITS = 0x80808080 | 0

/** What the batch's cells have been so far. */
const NONE = 0
const NUMBERS = 1
const BOOLEANS = 2
const TEXTS = 3
const MIXED = 4

/** Rows after which a text column's share of new values is judged. */
const JUDGE_ROWS = 64

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
const LONE_SURROGATE = /\p{Surrogate}/u

/** Says that a value is not what the fast way reads: let `JSON.parse` look at the line. */
export const SURPRISE = -1

/**
 * Gathers one column, batch after batch: `begin`, then one cell per row in order, then `finish`. What is
 * learned (the dictionary, or that the column has none) stays for the next batch.
 */
export class ColumnBuilder {
  readonly name: string
  readonly #dictionary: number
  readonly #scratch: ByteStore
  #mode = NONE
  #capacity = 0
  #numbers = new Float64Array(0)
  #codes = new Uint32Array(0)
  #holes = new Uint8Array(0)
  #hasHoles = false
  #isAllNull = true
  #values: unknown[] = []

  #table: TextTable | null = new TextTable()
  /** Entries of the table that have travelled. */
  #sent = 0
  #judgedRows = 0
  #judgedCount = 0
  readonly #pool = createByteStore()
  #poolEnds = new Uint32Array(0)

  /** The text of the row above: its code, and where it lies in the line. */
  #lastCode = 0
  #lastStart = 0
  #lastLength = -1

  /** @param dictionary names this column's dictionary to the reader */
  constructor(name: string, dictionary: number, scratch: ByteStore) {
    this.name = name
    this.#dictionary = dictionary
    this.#scratch = scratch
  }

  begin(capacity: number) {
    if (capacity > this.#capacity) {
      this.#capacity = capacity
      this.#numbers = new Float64Array(capacity)
      this.#codes = new Uint32Array(capacity)
      this.#holes = new Uint8Array(capacity)
      this.#poolEnds = new Uint32Array(capacity)
    } else if (this.#hasHoles) this.#holes.fill(0)
    this.#mode = NONE
    this.#hasHoles = false
    this.#isAllNull = true
    this.#values = []
    this.#pool.length = 0
    this.#lastLength = -1
  }

  /** Takes the JSON value at `p` as cell `row`; gives the position behind it, or `SURPRISE`. */
  scan(bytes: Uint8Array, view: DataView, p: number, row: number): number {
    const first = bytes[p]!
    if (first === QUOTE) return this.#scanText(bytes, view, p + 1, row)
    if (first <= 0x39) return this.#scanNumber(bytes, p, row)
    const word = view.getInt32(p, true)
    if (word === WORD_NULL) {
      this.#pushHole(row, NULL_CELL)
      return p + 4
    }
    if (word === WORD_TRUE) {
      this.#pushBoolean(row, true)
      return p + 4
    }
    if (first === 0x66 && view.getInt32(p + 1, true) === WORD_ALSE) {
      this.#pushBoolean(row, false)
      return p + 5
    }
    return SURPRISE
  }

  /** Takes a parsed value as cell `row`; `undefined` says that the row has no such column. */
  push(row: number, value: unknown) {
    if (typeof value === 'string') this.#pushString(row, value)
    else if (typeof value === 'number') this.#pushNumber(row, value)
    else if (typeof value === 'boolean') this.#pushBoolean(row, value)
    else if (value === null) this.#pushHole(row, NULL_CELL)
    else if (value === undefined) this.#pushHole(row, MISSING_CELL)
    else this.#pushMixed(row, value)
  }

  /** The column of the rows pushed since `begin`; its arrays are copied when `layout` is built. */
  finish(rows: number, layout: BufferLayout): PackedColumn {
    const { name } = this
    switch (this.#mode) {
      case NONE:
        if (this.#isAllNull) return { name, kind: 'null' }
        return { name, kind: 'bool', cells: this.#placeCodes(rows, layout, FIRST_CODE) }
      case BOOLEANS:
        return { name, kind: 'bool', cells: this.#placeCodes(rows, layout, FIRST_CODE + 2) }
      case NUMBERS: {
        const numbers = this.#numbers.subarray(0, rows)
        return {
          name,
          kind: 'num',
          cells: layout.place(numbers, narrowestType(numbers)),
          holes: this.#placeHoles(rows, layout),
        }
      }
      case TEXTS:
        return this.#table
          ? this.#finishDictionary(this.#table, rows, layout)
          : this.#finishPool(rows, layout)
      default:
        return { name, kind: 'any', values: this.#values }
    }
  }

  #finishDictionary(table: TextTable, rows: number, layout: BufferLayout): PackedColumn {
    const { name } = this
    const cells = this.#placeCodes(rows, layout, FIRST_CODE + table.count)
    const fresh = table.count > this.#sent ? placeTexts(table.since(this.#sent), layout) : null
    this.#sent = table.count
    this.#judgedRows += rows
    if (this.#judgedRows >= JUDGE_ROWS) {
      // Mostly new values: a dictionary only costs. From the next batch on, and for good.
      if (2 * (table.count - this.#judgedCount) > this.#judgedRows) this.#table = null
      this.#judgedRows = 0
      this.#judgedCount = table.count
    }
    return { name, kind: 'dict', cells, dictionary: this.#dictionary, fresh }
  }

  #finishPool(rows: number, layout: BufferLayout): PackedColumn {
    const bytes = this.#pool.bytes.subarray(0, this.#pool.length)
    const texts = placeTexts({ bytes, ends: this.#poolEnds.subarray(0, rows) }, layout)
    return { name: this.name, kind: 'pool', texts, holes: this.#placeHoles(rows, layout) }
  }

  #placeCodes(rows: number, layout: BufferLayout, codeCount: number): Part {
    const type = codeCount <= 1 << 8 ? 'u8' : codeCount <= 1 << 16 ? 'u16' : 'u32'
    return layout.place(this.#codes.subarray(0, rows), type)
  }

  #placeHoles(rows: number, layout: BufferLayout): Part | null {
    return this.#hasHoles ? layout.place(this.#holes.subarray(0, rows), 'u8') : null
  }

  #pushHole(row: number, hole: typeof NULL_CELL | typeof MISSING_CELL) {
    this.#hasHoles = true
    this.#holes[row] = hole
    if (hole === MISSING_CELL) this.#isAllNull = false
    // Whatever the column turns out to be, the cell is a hole in it.
    this.#codes[row] = hole - 1
    this.#numbers[row] = 0
    this.#poolEnds[row] = this.#pool.length
    if (this.#mode === MIXED) this.#values.push(hole === NULL_CELL ? null : undefined)
  }

  #pushBoolean(row: number, value: boolean) {
    if (this.#mode !== BOOLEANS) {
      if (this.#mode !== NONE) return this.#pushMixed(row, value)
      this.#mode = BOOLEANS
    }
    this.#codes[row] = value ? FIRST_CODE + 1 : FIRST_CODE
  }

  #pushNumber(row: number, value: number) {
    if (this.#mode !== NUMBERS) {
      if (this.#mode !== NONE) return this.#pushMixed(row, value)
      this.#mode = NUMBERS
    }
    this.#numbers[row] = value
  }

  #pushString(row: number, value: string) {
    // UTF-8 cannot hold a lone surrogate.
    if ((this.#mode !== NONE && this.#mode !== TEXTS) || LONE_SURROGATE.test(value)) {
      return this.#pushMixed(row, value)
    }
    const scratch = this.#scratch
    reserve(scratch, value.length * 3)
    const length = encoder.encodeInto(value, scratch.bytes).written
    this.#pushText(scratch.bytes, scratch.view, 0, length, hashBytes(scratch.view, 0, length), row, false)
    this.#lastLength = -1
  }

  /** Plain bytes as cell `row`; false when they had to be UTF-8 and are not. */
  #pushText(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    hash: number,
    row: number,
    mustCheck: boolean,
  ): boolean {
    if (this.#mode !== TEXTS) {
      if (this.#mode !== NONE) {
        if (mustCheck && !isValidUtf8(bytes, start, start + length)) return false
        this.#pushMixed(row, utf8.decode(bytes.subarray(start, start + length)))
        return true
      }
      this.#mode = TEXTS
    }
    const table = this.#table
    if (table) {
      let index = table.find(view, start, length, hash)
      if (index === -1) {
        // What the table holds was checked when it came in.
        if (mustCheck && !isValidUtf8(bytes, start, start + length)) return false
        index = table.add(view, start, length, hash)
      }
      this.#codes[row] = this.#lastCode = index + FIRST_CODE
      this.#lastStart = start
      this.#lastLength = length
      return true
    }
    if (mustCheck && !isValidUtf8(bytes, start, start + length)) return false
    appendBytes(this.#pool, view, start, length)
    this.#poolEnds[row] = this.#pool.length
    return true
  }

  /** A cell that does not fit the others': the batch's column holds plain values from here on. */
  #pushMixed(row: number, value: unknown) {
    if (this.#mode !== MIXED) {
      this.#values = Array.from({ length: row }, (_, i) => this.#read(i))
      this.#mode = MIXED
      this.#lastLength = -1
    }
    this.#values.push(value)
  }

  #read(row: number): unknown {
    const hole = this.#holes[row]
    if (hole !== 0) return hole === NULL_CELL ? null : undefined
    if (this.#mode === NUMBERS) return this.#numbers[row]
    if (this.#mode === BOOLEANS) return this.#codes[row] === FIRST_CODE + 1
    if (this.#table) return utf8.decode(this.#table.bytesOf(this.#codes[row]! - FIRST_CODE))
    return utf8.decode(
      this.#pool.bytes.subarray(row === 0 ? 0 : this.#poolEnds[row - 1]!, this.#poolEnds[row]!),
    )
  }

  /** Text from `start`, behind its opening quote. A hot loop: most bytes of a stream pass through here. */
  #scanText(bytes: Uint8Array, view: DataView, start: number, row: number): number {
    // Rows of one container follow each other: most columns repeat the row above, closing quote included.
    const lastLength = this.#lastLength
    if (lastLength !== -1 && isSameBytes(view, start, view, this.#lastStart, lastLength + 1)) {
      this.#codes[row] = this.#lastCode
      return start + lastLength + 1
    }
    let hash = 0
    let high = 0
    let p = start
    let word: number
    let ends: number
    for (;;) {
      word = view.getInt32(p, true)
      const quote = word ^ QUOTES
      const slash = word ^ BACKSLASHES
      ends = (((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) | ((word - SPACES) & ~word)) & HIGH_BITS
      if (ends !== 0) break
      hash = mixHash(hash, word)
      high |= word
      p += 4
    }
    // Borrows can set bits above the first true one, never below it.
    const rest = (31 - Math.clz32(ends & -ends)) >> 3
    word = lowBytes(word, rest)
    hash = mixHash(hash, word)
    high |= word
    p += rest
    const end = bytes[p]
    if (end === QUOTE) {
      return this.#pushText(bytes, view, start, p - start, hash, row, (high & HIGH_BITS) !== 0)
        ? p + 1
        : SURPRISE
    }
    return end === BACKSLASH ? this.#scanEscaped(bytes, start, p, row) : SURPRISE
  }

  /** A text whose first backslash is at `p`: `JSON.parse` reads it, and judges it. */
  #scanEscaped(bytes: Uint8Array, start: number, p: number, row: number): number {
    let end = p
    while (bytes[end] !== QUOTE) {
      if (bytes[end]! < 0x20) return SURPRISE
      end += bytes[end] === BACKSLASH ? 2 : 1
    }
    let value: unknown
    try {
      value = JSON.parse(utf8.decode(bytes.subarray(start - 1, end + 1)))
    } catch {
      return SURPRISE
    }
    this.#pushString(row, value as string)
    return end + 1
  }

  #scanNumber(bytes: Uint8Array, p: number, row: number): number {
    const end = scanNumber(bytes, p, this.#numbers, row)
    if (end !== SURPRISE && this.#mode !== NUMBERS) this.#pushNumber(row, this.#numbers[row]!)
    return end
  }
}

function placeTexts(
  { bytes, ends }: { bytes: Uint8Array<ArrayBuffer>; ends: Uint32Array<ArrayBuffer> },
  layout: BufferLayout,
): PackedTexts {
  const width = ends[0]!
  const isFixed = ends.every((end, i) => end === (i + 1) * width)
  return {
    count: ends.length,
    bytes: layout.place(bytes, 'u8'),
    ends: isFixed ? width : layout.place(ends, 'u32'),
  }
}
