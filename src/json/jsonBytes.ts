/** The bytes that JSON is built of. */
export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN_LIST = 0x5b
export const BACKSLASH = 0x5c
export const CLOSE_LIST = 0x5d
export const OPEN_MAP = 0x7b
export const CLOSE_MAP = 0x7d

/**
 * Finds the end of JSON texts, wherever their bytes are cut: called with a chunk and a position inside a text, it gives
 * that of the closing quote, or -1 when the text goes on in the next chunk.
 */
export function createTextSkipper(): (chunk: Uint8Array, p: number) => number {
  let isEscaped = false
  return (chunk, p) => {
    let q = p
    if (isEscaped && q < chunk.length) {
      isEscaped = false
      q++
    }
    for (; q < chunk.length; q++) {
      const byte = chunk[q]
      if (byte === QUOTE) return q
      if (byte === BACKSLASH && ++q === chunk.length) isEscaped = true
    }
    return -1
  }
}
