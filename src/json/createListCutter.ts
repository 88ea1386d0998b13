import { TraceError } from '../errors.js'
import { CLOSE_LIST, CLOSE_MAP, COMMA, OPEN_LIST, OPEN_MAP, QUOTE } from './bytes.js'
import { createTextBuffer } from './createTextBuffer.js'
import { createTextSkipper, isBlank } from './scan.js'

/** What comes out of a JSON value, in order. */
export type ListPart =
  /** A list at the path begins; `key` is the one in the wildcard's place. */
  | { type: 'list'; key: string }
  /**
   * Some of its items, as text with commas between them, and their number by the commas. Valid until the next part is
   * asked for. The buffer begins with the text, and has `PADDING` zeros behind it.
   */
  | { type: 'items'; text: Uint8Array<ArrayBuffer>; count: number }
  | { type: 'end' }

/** Takes lists out of one JSON value while its bytes come, wherever they are cut. */
export interface ListCutter {
  /**
   * The parts completed by `chunk`.
   *
   * @throws {SyntaxError} where the borders of items are not those of JSON
   * @throws {TraceError} `LINE_TOO_LONG`
   */
  parts: (chunk: Uint8Array) => Generator<ListPart, void>
  /**
   * The text in which each list taken out is empty; `null` when the bytes broke off. Its reader must check that it is JSON,
   * and the readers of items that these are.
   */
  rest: () => Uint8Array<ArrayBuffer> | null
}

export interface ListCutterOptions {
  /** Keys from the value inwards to the lists that are taken out; `*` stands for any. */
  path: readonly string[]
  /** Most items of a part. */
  maxItems: number
  /** Bytes of items at which a part ends early. */
  partBytes: number
  /** Most bytes of one part, and of the rest. */
  maxBytes: number
}

const utf8 = new TextDecoder()

export function createListCutter({ path, maxItems, partBytes, maxBytes }: ListCutterOptions): ListCutter {
  const outside = createTextBuffer()
  const inside = createTextBuffer()
  const endOfText = createTextSkipper()
  let isInside = false
  let isInText = false
  /** Open lists and maps: of the value, or of the item. */
  let depth = 0

  // Outside of lists: the place in the value. Deeper than the path, only the depth is known.
  const isMap: boolean[] = []
  const keys: string[] = []
  /** Keys from the value inwards that are those of the path. */
  let matched = 0
  let expectsKey = false
  let keyStart = -1

  // Inside a list that is taken out.
  let count = 0
  let hasItem = false
  let isAfterComma = false

  /** What a bracket, a quote or a comma outside of the lists means; whether a list to take out begins behind it. */
  function stepOutside(byte: number): boolean {
    if (byte === OPEN_LIST && matched === depth && depth === path.length) return true
    if (byte === OPEN_MAP || byte === OPEN_LIST) {
      if (depth < path.length) isMap[depth] = byte === OPEN_MAP
      depth++
    } else if (byte === CLOSE_MAP || byte === CLOSE_LIST) {
      depth--
      matched = Math.min(matched, depth)
    }
    const begins = byte === OPEN_MAP || byte === COMMA
    expectsKey = begins && depth <= path.length && matched >= depth - 1 && isMap[depth - 1] === true
    return false
  }

  function endKey() {
    const level = depth - 1
    const text = utf8.decode(outside.bytes().subarray(keyStart))
    keyStart = -1
    expectsKey = false
    matched = level
    try {
      const key = JSON.parse(text) as string
      keys[level] = key
      if (path[level] === '*' || path[level] === key) matched++
    } catch {
      // The rest is no JSON either: its reader says so.
    }
  }

  /** The same inside a list; tells which part ends before the byte. */
  function stepInside(byte: number): 'items' | 'end' | null {
    if (depth === 0 && byte === COMMA) {
      if (!hasItem) throw unexpected(byte)
      hasItem = false
      isAfterComma = true
      count++
      return count >= maxItems || inside.length >= partBytes ? 'items' : null
    }
    if (depth === 0 && (byte === CLOSE_LIST || byte === CLOSE_MAP)) {
      if (byte === CLOSE_MAP || (isAfterComma && !hasItem)) throw unexpected(byte)
      if (hasItem) count++
      return 'end'
    }
    hasItem = true
    if (byte === OPEN_LIST || byte === OPEN_MAP) depth++
    else if (byte === CLOSE_LIST || byte === CLOSE_MAP) depth--
    return null
  }

  function takeItems(): ListPart {
    const part: ListPart = { type: 'items', text: inside.take(), count }
    count = 0
    return part
  }

  /** Keeps bytes of the list, or of the rest. */
  function hold(bytes: Uint8Array) {
    const text = isInside ? inside : outside
    if (text.length + bytes.length > maxBytes) {
      throw new TraceError(
        'LINE_TOO_LONG',
        `The answer has a part of more than ${maxBytes} bytes; raise maxLineBytes if it may be`,
      )
    }
    text.append(bytes)
  }

  return {
    *parts(chunk) {
      /** First byte that is in neither text yet. */
      let from = 0
      for (let p = 0; p < chunk.length; p++) {
        if (isInText) {
          const end = endOfText(chunk, p)
          if (end === -1) break
          isInText = false
          p = end
          if (keyStart === -1) continue
          hold(chunk.subarray(from, p + 1))
          from = p + 1
          endKey()
          continue
        }
        const byte = chunk[p]!
        if (byte === QUOTE) {
          isInText = true
          if (isInside) hasItem = true
          else if (expectsKey) {
            hold(chunk.subarray(from, p))
            from = p
            keyStart = outside.length
          }
        } else if (isInside) {
          if (!isStructure(byte)) {
            if (!isBlank(byte)) hasItem = true
            continue
          }
          // `stepInside` looks at the length here.
          if (depth === 0 && byte === COMMA) {
            hold(chunk.subarray(from, p))
            from = p
          }
          const ends = stepInside(byte)
          if (!ends) continue
          hold(chunk.subarray(from, p))
          from = ends === 'end' ? p : p + 1
          if (count > 0) yield takeItems()
          if (ends === 'items') continue
          isInside = false
          depth = path.length
          yield { type: 'end' }
          inside.clear()
        } else if (isStructure(byte) && stepOutside(byte)) {
          hold(chunk.subarray(from, p + 1))
          from = p + 1
          isInside = true
          isAfterComma = false
          hasItem = false
          depth = 0
          yield { type: 'list', key: keys[path.indexOf('*')] ?? '' }
        }
      }
      hold(chunk.subarray(from))
    },
    rest() {
      if (isInside || isInText || depth > 0) return null
      outside.dropBom()
      return outside.bytes()
    },
  }
}

/** A comma or a bracket: square ones and braces differ in one bit. */
function isStructure(byte: number): boolean {
  return byte === COMMA || (byte | 0x20) === OPEN_MAP || (byte | 0x20) === CLOSE_MAP
}

function unexpected(byte: number): SyntaxError {
  return new SyntaxError(`Unexpected "${String.fromCharCode(byte)}" in a list`)
}
