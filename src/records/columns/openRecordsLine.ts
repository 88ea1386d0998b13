import { CLOSE_LIST, CLOSE_MAP, COLON, OPEN_LIST, QUOTE } from '../../json/bytes.js'
import { skipBlanks } from '../../json/scan.js'

/** How far into a line its rows may begin. */
const MAX_HEAD_BYTES = 1024

// "data", in words.
const WORD_DATA_START = 0x74616422
const DATA_END_A = 0x61

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A `records` line whose rows have not been read: the line without them, and where they begin. */
export interface RecordsHead {
  value: RecordsValue
  position: number
}

/** As much of a `records` line as decoding needs to know; the event's reader judges the rest. */
export interface RecordsValue {
  type: 'records'
  domain: string
  count: number
  data: unknown[]
}

export function isRecordsValue(value: unknown): value is RecordsValue {
  if (typeof value !== 'object' || value === null) return false
  const { type, domain, count, data } = value as Partial<Record<string, unknown>>
  return type === 'records' && typeof domain === 'string' && typeof count === 'number' && Array.isArray(data)
}

/** The envelope of a `records` line that ends with its rows, as servers write it; `null` for every other line. */
export function openRecordsLine(
  bytes: Uint8Array<ArrayBuffer>,
  view: DataView<ArrayBuffer>,
  length: number,
): RecordsHead | null {
  const position = findRows(bytes, view, Math.min(length, MAX_HEAD_BYTES))
  if (position === -1) return null
  try {
    const value: unknown = JSON.parse(`${utf8.decode(bytes.subarray(0, position))}]}`)
    return isRecordsValue(value) ? { value, position } : null
  } catch {
    // Rows of something inside the envelope, or no JSON: reading the whole line tells.
    return null
  }
}

/** Whether nothing but the ends of the rows and of the line come from `p` on. */
export function isEndOfRecordsLine(bytes: Uint8Array, p: number, length: number): boolean {
  let q = skipBlanks(bytes, p)
  if (bytes[q] !== CLOSE_LIST) return false
  q = skipBlanks(bytes, q + 1)
  if (bytes[q] !== CLOSE_MAP) return false
  return skipBlanks(bytes, q + 1) === length
}

/** Behind the bracket of the first `"data": [`, or -1. */
function findRows(bytes: Uint8Array, view: DataView, end: number): number {
  for (let p = bytes.indexOf(QUOTE); p !== -1 && p < end; p = bytes.indexOf(QUOTE, p + 1)) {
    if (view.getInt32(p, true) !== WORD_DATA_START || bytes[p + 4] !== DATA_END_A || bytes[p + 5] !== QUOTE)
      continue
    let q = skipBlanks(bytes, p + 6)
    if (bytes[q] !== COLON) continue
    q = skipBlanks(bytes, q + 1)
    if (bytes[q] === OPEN_LIST) return q + 1
  }
  return -1
}
