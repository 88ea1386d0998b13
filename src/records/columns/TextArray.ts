import { readPart } from './createBufferLayout.js'
import type { PackedTexts } from './PackedBatch.js'

/** Texts as bytes, each decoded when it is read. */
export interface TextArray {
  readonly length: number
  at: (i: number) => string
}

// A byte order mark inside a row is text.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

export function readTexts(buffer: ArrayBuffer, { count, bytes: part, ends }: PackedTexts): TextArray {
  const bytes = readPart(buffer, part) as Uint8Array
  if (typeof ends === 'number') {
    return {
      length: count,
      at: (i) => utf8.decode(bytes.subarray(i * ends, (i + 1) * ends)),
    }
  }
  const endAt = readPart(buffer, ends)
  return {
    length: count,
    at: (i) => utf8.decode(bytes.subarray(i === 0 ? 0 : endAt[i - 1]!, endAt[i]!)),
  }
}
