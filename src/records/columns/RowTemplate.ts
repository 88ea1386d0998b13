import { CLOSE_MAP, COLON, COMMA, joinBytes, OPEN_LIST, OPEN_MAP, QUOTE } from '../../json/bytes.js'
import { endOfPlainText, endOfScalar, endOfText, skipBlanks } from '../../json/scan.js'

/**
 * The exact bytes between the values of rows of one shape, as words: parsing such rows needs only to compare them.
 * Separator 0 stands before the first value of the first row, separator `i` before value `i`, and the last one,
 * `columns.length`, before the first value of a later row.
 */
export interface RowTemplate {
  columns: string[]
  separators: Separators
  /** What ends a row: its brace, and white space before it. */
  close: Uint8Array
}

export interface Separators {
  lengths: Int32Array
  /** Separator `i` of at least eight bytes has the words from `starts[i]` up to `starts[i + 1]`, the last up to its end. */
  starts: Int32Array
  words: Float64Array
  /** Of a shorter one, the first four bytes and the last four. None is shorter than that. */
  heads: Int32Array
  tails: Int32Array
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Learns the shape of the row at `p`; `null` when no template fits it: it has no cells,
 * nested values, repeated keys, escapes in keys, or more than `maxColumns`.
 */
export function learnRowTemplate(bytes: Uint8Array, p: number, maxColumns: number): RowTemplate | null {
  if (bytes[p] !== OPEN_MAP) return null
  const columns = new Set<string>()
  const separators: Uint8Array[] = []
  let separatorStart = p
  let q = p
  do {
    // At the brace or comma before a key.
    q = skipBlanks(bytes, q + 1)
    const keyEnd = endOfPlainText(bytes, q + 1)
    if (bytes[q] !== QUOTE || bytes[keyEnd] !== QUOTE) return null
    const key = decodeKey(bytes.subarray(q + 1, keyEnd))
    if (key === null || columns.has(key) || columns.size === maxColumns) return null
    q = skipBlanks(bytes, keyEnd + 1)
    if (bytes[q] !== COLON) return null
    q = skipBlanks(bytes, q + 1)
    columns.add(key)
    separators.push(bytes.slice(separatorStart, q))
    separatorStart = endOfCell(bytes, q)
    if (separatorStart === -1) return null
    q = skipBlanks(bytes, separatorStart)
  } while (bytes[q] === COMMA)
  if (bytes[q] !== CLOSE_MAP) return null
  const close = bytes.slice(separatorStart, q + 1)
  const next = endOfGap(bytes, q + 1)
  const gap = next === -1 ? Uint8Array.of(COMMA) : bytes.subarray(q + 1, next)
  return {
    columns: [...columns],
    close,
    separators: toWords([...separators, joinBytes([close, gap, separators[0]!])]),
  }
}

/**
 * Where separator `i`, expected at `p`, ends; -1 when other bytes are there. Eight bytes at a time, as numbers: they
 * are equal when their bytes are, since no text of UTF-8 without zeros is a zero or a NaN.
 */
export function endOfSeparator(
  { lengths, starts, words, heads, tails }: Separators,
  i: number,
  view: DataView,
  p: number,
): number {
  const end = p + lengths[i]!
  if (end - p < 8) {
    return view.getInt32(p, true) === heads[i] && view.getInt32(end - 4, true) === tails[i] ? end : -1
  }
  const last = starts[i + 1]! - 1
  let q = p
  for (let w = starts[i]!; w < last; w++, q += 8) if (view.getFloat64(q, true) !== words[w]) return -1
  return view.getFloat64(end - 8, true) === words[last] ? end : -1
}

/** Behind the comma and white space that lead to the next row, or -1. */
function endOfGap(bytes: Uint8Array, p: number): number {
  const q = skipBlanks(bytes, p)
  if (bytes[q] !== COMMA) return -1
  const next = skipBlanks(bytes, q + 1)
  return bytes[next] === OPEN_MAP ? next : -1
}

/** Behind the text, number or literal at `p`, or -1. Its reader sees whether it is well-formed. */
function endOfCell(bytes: Uint8Array, p: number): number {
  if (bytes[p] === QUOTE) return endOfText(bytes, p)
  return bytes[p] === OPEN_MAP || bytes[p] === OPEN_LIST ? -1 : endOfScalar(bytes, p)
}

function decodeKey(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

function toWords(texts: Uint8Array[]): Separators {
  const starts = [0]
  const words: number[] = []
  const heads: number[] = []
  const tails: number[] = []
  for (const { buffer, byteOffset, length } of texts) {
    const view = new DataView(buffer, byteOffset, length)
    for (let p = 0; p < length - 8; p += 8) words.push(view.getFloat64(p, true))
    if (length >= 8) words.push(view.getFloat64(length - 8, true))
    starts.push(words.length)
    heads.push(view.getInt32(0, true))
    tails.push(view.getInt32(length - 4, true))
  }
  return {
    lengths: Int32Array.from(texts, ({ length }) => length),
    starts: Int32Array.from(starts),
    words: Float64Array.from(words),
    heads: Int32Array.from(heads),
    tails: Int32Array.from(tails),
  }
}
