import type { Row } from '../../ports/index.js'

/** Rows as they will stand in a line: JSON, with commas between them. A third of what they take as objects. */
export interface RowText {
  bytes: Uint8Array
  rows: number
}

const utf8 = new TextEncoder()

/** @param mostRows of one text */
export function packRows(rows: readonly Row[], mostRows: number): RowText[] {
  const texts: RowText[] = []
  for (let at = 0; at < rows.length; at += mostRows) {
    const some = rows.slice(at, at + mostRows)
    texts.push({ bytes: utf8.encode(JSON.stringify(some).slice(1, -1)), rows: some.length })
  }
  return texts
}

const COMMA = 0x2c

/** One text after the other. */
export function joinTexts(start: string, texts: readonly RowText[], end: string): Uint8Array {
  const [head, tail] = [utf8.encode(start), utf8.encode(end)]
  const length = texts.reduce((sum, { bytes }) => sum + bytes.length + 1, -1)
  const joined = new Uint8Array(head.length + length + tail.length)
  joined.set(head)
  let at = head.length
  for (const [i, { bytes }] of texts.entries()) {
    if (i > 0) joined[at++] = COMMA
    joined.set(bytes, at)
    at += bytes.length
  }
  joined.set(tail, at)
  return joined
}
