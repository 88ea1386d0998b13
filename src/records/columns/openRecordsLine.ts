import { streamEvent } from '../../protocol/fromWire.js'
import type { StreamEvent } from '../../protocol/model.js'
import { skipBlanks } from './RowTemplate.js'

/** How far into a line its rows may begin. */
const MAX_HEAD_BYTES = 1024

// "data", in words.
const WORD_DATA_START = 0x74616422
const DATA_END_A = 0x61
const QUOTE = 0x22
const COLON = 0x3a
const OPEN_LIST = 0x5b

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A `records` line whose rows have not been read: what stands before them, and where they begin. */
export interface RecordsHead {
  event: Extract<StreamEvent<unknown[]>, { type: 'records' }>
  position: number
}

/**
 * Reads the envelope of a `records` line that ends with its rows, as servers write it; `null` for every
 * other line. The envelope goes through the protocol's own validation, with an empty list for the rows.
 */
export function openRecordsLine(bytes: Uint8Array, view: DataView, length: number): RecordsHead | null {
  const position = findRows(bytes, view, Math.min(length, MAX_HEAD_BYTES))
  if (position === -1) return null
  try {
    const head = `${utf8.decode(bytes.subarray(0, position))}]}`
    const event = streamEvent(JSON.parse(head), 0, (data) => data)
    return event?.type === 'records' ? { event, position } : null
  } catch {
    // Not closed by `]}`, or no valid envelope: whoever reads the whole line says what is wrong.
    return null
  }
}

/** Whether nothing but the ends of the rows and of the line come from `p` on. */
export function isEndOfRecordsLine(bytes: Uint8Array, p: number, length: number): boolean {
  let q = skipBlanks(bytes, p)
  if (bytes[q] !== 0x5d) return false
  q = skipBlanks(bytes, q + 1)
  if (bytes[q] !== 0x7d) return false
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
