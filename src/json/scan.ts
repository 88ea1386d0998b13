import { BACKSLASH, CLOSE_LIST, CLOSE_MAP, COMMA, OPEN_LIST, OPEN_MAP, QUOTE } from './bytes.js'

/*
 * One scanner for all readers of JSON. A position is that of a byte; `endOf…` gives the position behind a token.
 * It finds where tokens end and judges no more than it says: `JSON.parse`, or the reader, judges the rest.
 */

/** The first position from `p` on that is no blank, at most `end`. */
export function skipBlanks(bytes: Uint8Array, p: number, end = bytes.length): number {
  let q = p
  while (q < end && isBlank(bytes[q]!)) q++
  return q
}

export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** Inside a text: the position of the next quote, backslash or control character, or `end` when none comes before it. */
export function endOfPlainText(bytes: Uint8Array, p: number, end = bytes.length): number {
  let q = p
  for (; q < end; q++) {
    const byte = bytes[q]!
    if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) break
  }
  return q
}

/** Behind the text that opens at `p`; -1 when a control character or the end comes before its closing quote. */
export function endOfText(bytes: Uint8Array, p: number): number {
  let q = endOfPlainText(bytes, p + 1)
  while (bytes[q] === BACKSLASH) q = endOfPlainText(bytes, q + 2)
  return bytes[q] === QUOTE ? q + 1 : -1
}

/**
 * The same of a text that must end.
 *
 * @throws {SyntaxError} when it does not, or none begins at `p`
 */
export function endOfWholeText(bytes: Uint8Array, p: number): number {
  const end = bytes[p] === QUOTE ? endOfText(bytes, p) : -1
  if (end === -1) throw unexpectedByte(bytes, p)
  return end
}

/** Behind the number, `true`, `false` or `null` at `p`, at most `end`. */
export function endOfScalar(bytes: Uint8Array, p: number, end = bytes.length): number {
  let q = p
  for (; q < end; q++) {
    const byte = bytes[q]!
    if (byte <= 0x20 || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_MAP) break
  }
  return q
}

/**
 * Behind the value at `p`, or -1 when it reaches beyond `limit`.
 *
 * @throws {SyntaxError} when no value ends there
 */
export function endOfValue(bytes: Uint8Array, p: number, limit = Infinity): number {
  let depth = 0
  let q = p
  do {
    const byte = bytes[q]
    if (byte === undefined) throw unexpectedByte(bytes, q)
    if (byte === QUOTE) q = endOfWholeText(bytes, q)
    else if (byte === OPEN_LIST || byte === OPEN_MAP) {
      depth++
      q++
    } else if (byte === CLOSE_LIST || byte === CLOSE_MAP) {
      depth--
      q++
    } else if (depth > 0) q++
    else q = endOfScalar(bytes, q)
    if (q > limit) return -1
  } while (depth > 0)
  if (depth < 0 || q === p) throw unexpectedByte(bytes, p)
  return q
}

/**
 * Finds the end of texts whose bytes come in chunks: called with a chunk and a position inside a text, it gives the
 * position of the closing quote, or -1 when the text goes on in the next chunk.
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

export function unexpectedByte(bytes: Uint8Array, p: number): SyntaxError {
  return new SyntaxError(
    p < bytes.length ? `Unexpected byte ${bytes[p]} at position ${p} in JSON` : 'Unexpected end of JSON',
  )
}
