import { BACKSLASH, QUOTE } from '../../json/bytes.js'
import { isSameBytes, lowBytes, mixHash } from './bytes.js'
import { appendBytes, createByteStore } from './createByteStore.js'
import type { BufferLayout } from './createBufferLayout.js'
import { isValidUtf8 } from './isValidUtf8.js'
import { FIRST_CODE, type PackedColumn, type PackedTexts, type Part } from './PackedBatch.js'
import { TextTable } from './TextTable.js'

// One bit per byte: a byte below 0x20, a quote or a backslash ends the plain part of a text.
const ONES = 0x01010101
const SPACES = 0x20202020
const QUOTES = 0x22222222
const BACKSLASHES = 0x5c5c5c5c
const HIGH_BITS = 0x80808080 | 0

/** Rows after which a text column's share of new values is judged. */
const JUDGE_ROWS = 64

/** What is at a position is no text that JSON allows. */
export const NO_TEXT = -1
/** The text has escapes. */
export const ESCAPED_TEXT = -2

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The texts of one column, batch after batch: codes into a dictionary that grows, or, when most
 * values are new, the texts themselves, one after the other.
 */
export class TextCells {
  #codes = new Uint32Array(0)
  /** `null` once it turned out to cost more than it saves, from the next batch on. */
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

  begin(capacity: number) {
    if (capacity > this.#codes.length) {
      this.#codes = new Uint32Array(capacity)
      this.#poolEnds = new Uint32Array(capacity)
    }
    this.#pool.length = 0
    this.#lastLength = -1
  }

  /**
   * Takes the text from `start`, behind its opening quote, as cell `row`; gives the position behind its
   * closing quote, `NO_TEXT` or `ESCAPED_TEXT`. A hot loop: most bytes of a stream pass through here.
   */
  scan(bytes: Uint8Array, view: DataView, start: number, row: number): number {
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
    if (bytes[p] !== QUOTE) return bytes[p] === BACKSLASH ? ESCAPED_TEXT : NO_TEXT
    const mustCheck = (high & HIGH_BITS) !== 0
    if (!this.push(bytes, view, start, p - start, hash, row, mustCheck)) return NO_TEXT
    this.#lastStart = start
    this.#lastLength = this.#table ? p - start : -1
    return p + 1
  }

  /** Takes plain bytes as cell `row`; false when they had to be UTF-8 and are not. */
  push(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    length: number,
    hash: number,
    row: number,
    mustCheck: boolean,
  ): boolean {
    // `scan` finds the row above by its place in the line, and these bytes may lie elsewhere.
    this.#lastLength = -1
    const table = this.#table
    if (table) {
      let index = table.find(view, start, length, hash)
      if (index === -1) {
        // What the table holds was checked when it came in.
        if (mustCheck && !isValidUtf8(bytes, start, start + length)) return false
        index = table.add(view, start, length, hash)
      }
      this.#codes[row] = this.#lastCode = index + FIRST_CODE
      return true
    }
    if (mustCheck && !isValidUtf8(bytes, start, start + length)) return false
    appendBytes(this.#pool, view, start, length)
    this.#poolEnds[row] = this.#pool.length
    return true
  }

  /** Cell `row` has no text: `code` says what instead. */
  pushCode(row: number, code: number) {
    this.#codes[row] = code
    this.#poolEnds[row] = this.#pool.length
  }

  read(row: number): string {
    if (this.#table) return utf8.decode(this.#table.bytesOf(this.#codes[row]! - FIRST_CODE))
    const start = row === 0 ? 0 : this.#poolEnds[row - 1]!
    return utf8.decode(this.#pool.bytes.subarray(start, this.#poolEnds[row]!))
  }

  /** The codes of a column without texts. */
  placeCodes(rows: number, layout: BufferLayout, codeCount: number): Part {
    const type = codeCount <= 1 << 8 ? 'u8' : codeCount <= 1 << 16 ? 'u16' : 'u32'
    return layout.place(this.#codes.subarray(0, rows), type)
  }

  codeAt(row: number): number {
    return this.#codes[row]!
  }

  finish(
    name: string,
    dictionary: number,
    rows: number,
    layout: BufferLayout,
    placeNulls: () => Part | null,
  ): PackedColumn {
    const table = this.#table
    if (!table) {
      const bytes = this.#pool.bytes.subarray(0, this.#pool.length)
      const texts = placeTexts({ bytes, ends: this.#poolEnds.subarray(0, rows) }, layout)
      return { name, kind: 'pool', texts, nulls: placeNulls() }
    }
    const cells = this.placeCodes(rows, layout, FIRST_CODE + table.count)
    const fresh = table.count > this.#sent ? placeTexts(table.since(this.#sent), layout) : null
    this.#sent = table.count
    if (table.isClogged) this.#table = null
    else this.#judge(table.count, rows)
    return { name, kind: 'dict', cells, dictionary, fresh }
  }

  #judge(count: number, rows: number) {
    this.#judgedRows += rows
    if (this.#judgedRows < JUDGE_ROWS) return
    // Mostly new values: a dictionary only costs. From the next batch on, and for good.
    if (2 * (count - this.#judgedCount) > this.#judgedRows) this.#table = null
    this.#judgedRows = 0
    this.#judgedCount = count
  }
}

function placeTexts(
  { bytes, ends }: { bytes: Uint8Array<ArrayBuffer>; ends: Uint32Array<ArrayBuffer> },
  layout: BufferLayout,
): PackedTexts {
  const width = ends[0]!
  let fixed = 1
  while (fixed < ends.length && ends[fixed] === (fixed + 1) * width) fixed++
  const isFixed = fixed === ends.length
  return {
    count: ends.length,
    bytes: layout.place(bytes, 'u8'),
    ends: isFixed ? width : layout.place(ends, 'u32'),
  }
}
