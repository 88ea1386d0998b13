import { QUOTE } from '../../json/bytes.js'
import { endOfText } from '../../json/scan.js'
import { hashBytes } from './bytes.js'
import { reserve, type ByteStore } from './createByteStore.js'
import { narrowestType, type BufferLayout } from './createBufferLayout.js'
import { FIRST_CODE, MISSING_CELL, NULL_CELL, type PackedColumn, type Part } from './PackedBatch.js'
import { scanNumber } from './scanNumber.js'
import { ESCAPED_TEXT, TextCells } from './TextCells.js'

const LETTER_F = 0x66
const DIGIT_NINE = 0x39

// Four letters as one word.
const WORD_NULL = 0x6c6c756e
const WORD_TRUE = 0x65757274
const WORD_ALSE = 0x65736c61

/** What the batch's cells have been so far. */
const NONE = 0
const NUMBERS = 1
const BOOLEANS = 2
const TEXTS = 3
const MIXED = 4

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
const LONE_SURROGATE = /\p{Surrogate}/u

/** Says that a value is not what the fast way reads: let `JSON.parse` look at the line. */
export const SURPRISE = -1

/**
 * Gathers one column, batch after batch: `begin`, then one cell per row in order, then `finish`. The
 * dictionary of its texts stays for the next batch.
 */
export class ColumnBuilder {
  readonly name: string
  readonly #dictionary: number
  readonly #scratch: ByteStore
  readonly #texts = new TextCells()
  #mode = NONE
  #capacity = 0
  #numbers = new Float64Array(0)
  #nulls = new Uint8Array(0)
  #hasNulls = false
  #isAllNull = true
  #values: unknown[] = []

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
      this.#nulls = new Uint8Array(capacity)
    } else if (this.#hasNulls) this.#nulls.fill(0)
    this.#texts.begin(capacity)
    this.#mode = NONE
    this.#hasNulls = false
    this.#isAllNull = true
    this.#values = []
  }

  /** Takes the JSON value at `p` as cell `row`; gives the position behind it, or `SURPRISE`. */
  scan(bytes: Uint8Array, view: DataView, p: number, row: number): number {
    const first = bytes[p]!
    if (first === QUOTE) return this.#scanText(bytes, view, p, row)
    if (first <= DIGIT_NINE) return this.#scanNumber(bytes, view, p, row)
    const word = view.getInt32(p, true)
    if (word === WORD_NULL) {
      this.#pushNull(row, NULL_CELL)
      return p + 4
    }
    if (word === WORD_TRUE) {
      this.#pushBoolean(row, true)
      return p + 4
    }
    if (first === LETTER_F && view.getInt32(p + 1, true) === WORD_ALSE) {
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
    else if (value === null) this.#pushNull(row, NULL_CELL)
    else if (value === undefined) this.#pushNull(row, MISSING_CELL)
    else this.#pushMixed(row, value)
  }

  /** The column of the rows pushed since `begin`; its arrays are copied when `layout` is built. */
  finish(rows: number, layout: BufferLayout): PackedColumn {
    const { name } = this
    const placeNulls = (): Part | null =>
      this.#hasNulls ? layout.place(this.#nulls.subarray(0, rows), 'u8') : null
    switch (this.#mode) {
      case NONE:
        if (this.#isAllNull) return { name, kind: 'null' }
        return { name, kind: 'bool', cells: this.#texts.placeCodes(rows, layout, FIRST_CODE) }
      case BOOLEANS:
        return { name, kind: 'bool', cells: this.#texts.placeCodes(rows, layout, FIRST_CODE + 2) }
      case NUMBERS: {
        const numbers = this.#numbers.subarray(0, rows)
        return {
          name,
          kind: 'num',
          cells: layout.place(numbers, narrowestType(numbers)),
          nulls: placeNulls(),
        }
      }
      case TEXTS:
        return this.#texts.finish(name, this.#dictionary, rows, layout, placeNulls)
      default:
        return { name, kind: 'any', values: this.#values }
    }
  }

  #pushNull(row: number, empty: typeof NULL_CELL | typeof MISSING_CELL) {
    this.#hasNulls = true
    this.#nulls[row] = empty
    if (empty === MISSING_CELL) this.#isAllNull = false
    // The kind may be known only later: the cell is empty in all of them.
    this.#texts.pushCode(row, empty - 1)
    this.#numbers[row] = 0
    if (this.#mode === MIXED) this.#values.push(empty === NULL_CELL ? null : undefined)
  }

  #pushBoolean(row: number, value: boolean) {
    if (!this.#isMode(BOOLEANS)) this.#pushMixed(row, value)
    else this.#texts.pushCode(row, value ? FIRST_CODE + 1 : FIRST_CODE)
  }

  #pushNumber(row: number, value: number) {
    if (!this.#isMode(NUMBERS)) this.#pushMixed(row, value)
    else this.#numbers[row] = value
  }

  #pushString(row: number, value: string) {
    // UTF-8 cannot hold a lone surrogate.
    if (LONE_SURROGATE.test(value) || !this.#isMode(TEXTS)) return this.#pushMixed(row, value)
    const scratch = this.#scratch
    reserve(scratch, value.length * 3)
    const length = encoder.encodeInto(value, scratch.bytes).written
    const hash = hashBytes(scratch.view, 0, length)
    this.#texts.push(scratch.bytes, scratch.view, 0, length, hash, row, false)
  }

  /** A cell that does not fit the others': the batch's column holds plain values from here on. */
  #pushMixed(row: number, value: unknown) {
    if (this.#mode !== MIXED) {
      this.#values = Array.from({ length: row }, (_, i) => this.#read(i))
      this.#mode = MIXED
    }
    this.#values.push(value)
  }

  /** Whether cells of `mode` fit; the first cell decides. */
  #isMode(mode: number): boolean {
    if (this.#mode === NONE) this.#mode = mode
    return this.#mode === mode
  }

  #read(row: number): unknown {
    const empty = this.#nulls[row]
    if (empty !== 0) return empty === NULL_CELL ? null : undefined
    if (this.#mode === NUMBERS) return this.#numbers[row]
    return this.#mode === BOOLEANS ? this.#texts.codeAt(row) === FIRST_CODE + 1 : this.#texts.read(row)
  }

  #scanText(bytes: Uint8Array, view: DataView, p: number, row: number): number {
    if (this.#isMode(TEXTS)) {
      const end = this.#texts.scan(bytes, view, p + 1, row)
      if (end !== ESCAPED_TEXT) return end
    }
    return this.#parseText(bytes, p, row)
  }

  /** A text with escapes, or among other values: `JSON.parse` reads it, and judges it. */
  #parseText(bytes: Uint8Array, p: number, row: number): number {
    const end = endOfText(bytes, p)
    if (end === -1) return SURPRISE
    try {
      this.push(row, JSON.parse(utf8.decode(bytes.subarray(p, end))))
    } catch {
      return SURPRISE
    }
    return end
  }

  #scanNumber(bytes: Uint8Array, view: DataView, p: number, row: number): number {
    const end = scanNumber(bytes, p, this.#numbers, row)
    if (end === SURPRISE) return SURPRISE
    const value = this.#numbers[row]!
    if (Number.isNaN(value)) this.#pushDigits(bytes, view, p, end, row)
    else if (this.#mode !== NUMBERS) this.#pushNumber(row, value)
    return end
  }

  /** A number that a double cannot hold: ids of 18 digits are a column of texts, though their JSON has no quotes. */
  #pushDigits(bytes: Uint8Array, view: DataView, p: number, end: number, row: number) {
    if (this.#isMode(TEXTS))
      this.#texts.push(bytes, view, p, end - p, hashBytes(view, p, end - p), row, false)
    else this.#pushMixed(row, utf8.decode(bytes.subarray(p, end)))
  }
}
