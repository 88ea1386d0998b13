import { readPart } from './createBufferLayout.js'
import type { PackedTexts } from './PackedBatch.js'

/** Texts as bytes, each decoded when it is read. */
export interface TextArray {
  readonly length: number
  at: (i: number) => string
}

export function readTexts(buffer: ArrayBuffer, { count, bytes: part, ends }: PackedTexts): TextArray {
  const bytes = readPart(buffer, part) as Uint8Array
  if (typeof ends === 'number') {
    return { length: count, at: (i) => decodeText(bytes, i * ends, (i + 1) * ends) }
  }
  const endAt = readPart(buffer, ends)
  return { length: count, at: (i) => decodeText(bytes, i === 0 ? 0 : endAt[i - 1]!, endAt[i]!) }
}

// A byte order mark inside a row is text.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Longest text decoded by hand, in bytes. */
const SHORT = 64

/** A timestamp takes Chromium's `TextDecoder` 180 to 540 ns, mostly to be called, and this 80. */
function decodeText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start
  if (length > SHORT) return utf8.decode(bytes.subarray(start, end))
  const units = new Array<number>(length)
  let seen = 0
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i]!
    seen |= byte
    units[i] = byte
  }
  // Anything but ASCII goes to the decoder.
  return seen < 0x80 ? String.fromCharCode.apply(null, units) : utf8.decode(bytes.subarray(start, end))
}
