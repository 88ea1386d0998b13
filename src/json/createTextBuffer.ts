import { lengthOfBom } from './bytes.js'

/** Zero bytes behind a text in its buffer, so that readers may take several bytes at once. */
export const PADDING = 8

/** A buffer of bytes that doubles when it is full: a long text costs linear time. */
export interface TextBuffer {
  readonly length: number
  append: (bytes: Uint8Array) => void
  /** The text, until more is appended. */
  bytes: () => Uint8Array<ArrayBuffer>
  /** The text with `PADDING` zeros behind it, until more is appended: the next text takes its place. */
  take: () => Uint8Array<ArrayBuffer>
  clear: () => void
  /** Takes a byte order mark off, if the text begins with one; `false` while it is too short to tell. */
  dropBom: () => boolean
}

export function createTextBuffer(): TextBuffer {
  let buffer = new Uint8Array(1 << 16)
  let length = 0
  return {
    get length() {
      return length
    },
    append(bytes) {
      const needed = length + bytes.length
      if (needed + PADDING > buffer.length) {
        const larger = new Uint8Array(Math.max(needed + PADDING, 2 * buffer.length))
        larger.set(buffer.subarray(0, length))
        buffer = larger
      }
      buffer.set(bytes, length)
      length = needed
    },
    bytes: () => buffer.subarray(0, length),
    take() {
      buffer.fill(0, length, length + PADDING)
      const text = buffer.subarray(0, length)
      length = 0
      return text
    },
    clear() {
      length = 0
    },
    dropBom() {
      if (length < 3) return false
      const bom = lengthOfBom(buffer)
      if (bom > 0) buffer.copyWithin(0, bom, length)
      length -= bom
      return true
    },
  }
}
