import { joinBytes } from '../../json/joinBytes.js'

/**
 * The exact bytes between the values of rows of one shape, as words: comparing them is all that is left of parsing.
 * Separator 0 stands before a first row's first value, `i` before value `i`, and the last one, `columns.length`,
 * takes the place of 0 between two rows.
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
 * Learns the shape of the row at `p`; `null` when it is one that templates do not fit: without cells, with
 * nested values, repeated keys, escapes in keys, or more than `maxColumns`.
 */
export function learnRowTemplate(bytes: Uint8Array, p: number, maxColumns: number): RowTemplate | null {
  if (bytes[p] !== 0x7b) return null
  const columns = new Set<string>()
  const separators: Uint8Array[] = []
  let separatorStart = p
  let q = p
  do {
    // At the brace or comma before a key.
    q = skipBlanks(bytes, q + 1)
    const keyEnd = endOfPlainText(bytes, q)
    if (keyEnd === -1) return null
    const key = decodeKey(bytes.subarray(q + 1, keyEnd - 1))
    if (key === null || columns.has(key) || columns.size === maxColumns) return null
    q = skipBlanks(bytes, keyEnd)
    if (bytes[q] !== 0x3a) return null
    q = skipBlanks(bytes, q + 1)
    columns.add(key)
    separators.push(bytes.slice(separatorStart, q))
    separatorStart = endOfScalar(bytes, q)
    if (separatorStart === -1) return null
    q = skipBlanks(bytes, separatorStart)
  } while (bytes[q] === 0x2c)
  if (bytes[q] !== 0x7d) return null
  const close = bytes.slice(separatorStart, q + 1)
  const next = endOfGap(bytes, q + 1)
  const gap = next === -1 ? Uint8Array.of(0x2c) : bytes.subarray(q + 1, next)
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

export function skipBlanks(bytes: Uint8Array, p: number): number {
  let q = p
  while (bytes[q] === 0x20 || bytes[q] === 0x09 || bytes[q] === 0x0d || bytes[q] === 0x0a) q++
  return q
}

/** Behind the comma and white space that lead to the next row, or -1. */
function endOfGap(bytes: Uint8Array, p: number): number {
  const q = skipBlanks(bytes, p)
  if (bytes[q] !== 0x2c) return -1
  const next = skipBlanks(bytes, q + 1)
  return bytes[next] === 0x7b ? next : -1
}

/** Behind the closing quote of the text at `p`, or -1 when it has escapes or is none. */
function endOfPlainText(bytes: Uint8Array, p: number): number {
  if (bytes[p] !== 0x22) return -1
  let q = p + 1
  while (bytes[q] !== 0x22) {
    if (bytes[q]! < 0x20 || bytes[q] === 0x5c) return -1
    q++
  }
  return q + 1
}

/** Behind the text, number or literal at `p`; whether it is well-formed is for its reader to see. */
function endOfScalar(bytes: Uint8Array, p: number): number {
  let q = p
  if (bytes[p] === 0x22) {
    for (q++; bytes[q] !== 0x22; q += bytes[q] === 0x5c ? 2 : 1) if (bytes[q]! < 0x20) return -1
    return q + 1
  }
  if (bytes[p] === 0x7b || bytes[p] === 0x5b) return -1
  while (bytes[q] !== 0x2c && bytes[q] !== 0x7d && bytes[q]! > 0x20) q++
  return q
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
