import { TraceError } from '../../../src/errors.js'
import { CLOSE_LIST, OPEN_LIST } from '../../../src/json/bytes.js'
import { endOfValue, skipBlanks } from '../../../src/json/scan.js'

const LF = 0x0a

/**
 * Rows `from` up to, not including, `to` of a JSON array of `count` rows, as they are written there, with the commas
 * between them. No value is read: finding the rows of a chunk of 5,000 takes 5 ms, parsing them and writing them anew 25.
 *
 * @throws {TraceError} `CHUNK_MISSING` when there are not `count` rows
 */
export function cutRows(array: Uint8Array, count: number, from: number, to: number): Uint8Array {
  const { starts, ends } = findRows(array, count)
  return array.subarray(starts[from], ends[to - 1])
}

/**
 * The rows of a JSON array of `count` rows as they are written there, each on a line of its own: a number has the digits
 * that its source gave it.
 *
 * @throws {TraceError} `CHUNK_MISSING` when there are not `count` rows
 */
export function rowLines(array: Uint8Array, count: number): Uint8Array {
  const { starts, ends } = findRows(array, count)
  const lines = new Uint8Array(array.length)
  let length = 0
  for (let i = 0; i < count; i++) {
    lines.set(array.subarray(starts[i], ends[i]), length)
    length += ends[i]! - starts[i]! + 1
    lines[length - 1] = LF
  }
  return lines.subarray(0, length)
}

/** Where each row starts and ends. */
function findRows(array: Uint8Array, count: number): { starts: number[]; ends: number[] } {
  const starts: number[] = []
  const ends: number[] = []
  let p = skipBlanks(array, 0)
  if (array[p] !== OPEN_LIST) throw missing(0, count)
  try {
    for (p = skipBlanks(array, p + 1); p < array.length && array[p] !== CLOSE_LIST;) {
      starts.push(p)
      p = endOfValue(array, p)
      ends.push(p)
      p = skipBlanks(array, p)
      // Behind the comma.
      if (array[p] !== CLOSE_LIST) p = skipBlanks(array, p + 1)
    }
  } catch (cause) {
    throw missing(ends.length, count, cause)
  }
  if (ends.length !== count) throw missing(ends.length, count)
  return { starts, ends }
}

function missing(found: number, count: number, cause?: unknown): TraceError {
  return new TraceError('CHUNK_MISSING', `A stored chunk has ${found} rows, not ${count}`, { cause })
}
