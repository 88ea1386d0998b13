import { TraceError } from '../../../src/errors.js'

const LF = 0x0a
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN = 0x7b
const CLOSE = 0x7d
const OPEN_LIST = 0x5b

/**
 * Rows `from` up to, not including, `to` of a JSON array of `count` objects, as they are written there, with the
 * commas between them. None of the values is read: a page's border in a chunk of 5,000 rows costs about 1 ms,
 * parsing the chunk and writing the rows anew 25.
 *
 * @throws {TraceError} `CHUNK_MISSING` when there are not `count` rows
 */
export function cutRows(array: Uint8Array, count: number, from: number, to: number): Uint8Array {
  const starts = startsOf(array, count)
  // Before the next row is a comma, after the last the array's bracket.
  return array.subarray(starts[from], (starts[to] ?? array.length) - 1)
}

/**
 * The rows of a JSON array of `count` objects as they are written there, each on a line of its own: a number has the digits
 * that its source gave it.
 *
 * @throws {TraceError} `CHUNK_MISSING` when there are not `count` rows
 */
export function rowLines(array: Uint8Array, count: number): Uint8Array {
  const lines = array.slice(1)
  // In place of the comma before each row, or of the bracket behind the last.
  for (const start of startsOf(array, count)) if (start > 1) lines[start - 2] = LF
  lines[lines.length - 1] = LF
  return lines
}

function startsOf(array: Uint8Array, count: number): number[] {
  const starts = startsBySameKey(array, count) ?? startsByWalking(array)
  if (starts.length === count) return starts
  throw new TraceError('CHUNK_MISSING', `A stored chunk has ${starts.length} rows, not ${count}`)
}

/**
 * Where rows start that all begin with the same key, as those of one domain do; `null` when they do not. `},{"KEY":`
 * is never part of a text: its quote would have to end that text, and after the end of one comes no letter.
 */
function startsBySameKey(array: Uint8Array, count: number): number[] | null {
  const start = keyOf(array)
  // Objects in a list inside a row may follow each other as rows do.
  if (!start || array.indexOf(OPEN_LIST, 1) !== -1) return null
  const starts = [1]
  for (let at = array.indexOf(CLOSE); at !== -1; at = array.indexOf(CLOSE, at + 1)) {
    if (array[at + 1] === COMMA && beginsWith(array, start, at + 2)) starts.push(at + 2)
  }
  return starts.length === count ? starts : null
}

/** `{"KEY":` of the first row, if the key begins with a letter. */
function keyOf(array: Uint8Array): Uint8Array | null {
  const isLetter = /^\w$/.test(String.fromCharCode(array[3] ?? 0))
  if (array[1] !== OPEN || array[2] !== QUOTE || !isLetter) return null
  const end = endOfString(array, 2)
  return array[end + 1] === COLON ? array.subarray(1, end + 2) : null
}

function beginsWith(array: Uint8Array, start: Uint8Array, at: number): boolean {
  for (let n = 0; n < start.length; n++) if (array[at + n] !== start[n]) return false
  return true
}

/** Where rows start, whatever is in them; byte by byte. */
function startsByWalking(array: Uint8Array): number[] {
  const starts: number[] = []
  let depth = 0
  for (let at = 0; at < array.length; at++) {
    const byte = array[at]
    if (byte === QUOTE) at = endOfString(array, at)
    else if (byte === CLOSE) depth--
    else if (byte === OPEN && depth++ === 0) starts.push(at)
  }
  return starts
}

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
