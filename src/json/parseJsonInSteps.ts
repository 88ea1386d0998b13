import { CLOSE_LIST, CLOSE_MAP, COLON, COMMA, lengthOfBom, OPEN_LIST, OPEN_MAP } from './bytes.js'
import { parseExactly } from './parseExactly.js'
import { endOfValue, endOfWholeText, skipBlanks, unexpectedByte } from './scan.js'

/** Bytes parsed in one step: a tenth of a millisecond of work, and 5 ms before the engine has compiled it. */
const STEP_BYTES = 16 * 1024

/** Depth to which lists and maps are cut: rows lie less deep in every answer. */
const MAX_DEPTH = 8

const utf8 = new TextDecoder()

/**
 * What `parseExactly` makes of `bytes`, in steps, so that others can work in between. Large lists and maps are cut
 * between their items, and `parseExactly` reads the pieces.
 *
 * @throws {SyntaxError} when they are no JSON
 */
export function* parseJsonInSteps(bytes: Uint8Array, stepBytes = STEP_BYTES): Generator<void, unknown> {
  // Behind a byte order mark, which a decoder drops.
  let p = skipBlanks(bytes, lengthOfBom(bytes))
  const value = yield* readValue(0)
  if (skipBlanks(bytes, p) !== bytes.length) throw unexpectedByte(bytes, p)
  return value

  /** The value at `p`, which is behind it afterwards. */
  function* readValue(depth: number): Generator<void, unknown> {
    const isLarge = depth < MAX_DEPTH && endOfValue(bytes, p, p + stepBytes) === -1
    if (isLarge && bytes[p] === OPEN_LIST) {
      const list: unknown[] = []
      yield* readItems(
        CLOSE_LIST,
        (text) => list.push(...(parseExactly(`[${text}]`) as unknown[])),
        function* () {
          list.push(yield* readValue(depth + 1))
        },
      )
      return list
    }
    if (isLarge && bytes[p] === OPEN_MAP) {
      const map: Record<string, unknown> = {}
      yield* readItems(
        CLOSE_MAP,
        (text) => assign(map, parseExactly(`{${text}}`) as Record<string, unknown>),
        function* () {
          const start = p
          p = endOfKey(bytes, p)
          const key = utf8.decode(bytes.subarray(start, p))
          assign(map, {
            [JSON.parse(key.slice(0, key.lastIndexOf(':'))) as string]: yield* readValue(depth + 1),
          })
        },
      )
      return map
    }
    const start = p
    p = endOfValue(bytes, p)
    return parseExactly(utf8.decode(bytes.subarray(start, p)))
  }

  /** Reads the items of the list or map at `p`: small ones together as text, each large one on its own. */
  function* readItems(close: number, take: (text: string) => void, readLarge: () => Generator<void>) {
    p = skipBlanks(bytes, p + 1)
    let from = p
    for (let isLast = bytes[p] === close; !isLast;) {
      const value = close === CLOSE_MAP ? endOfKey(bytes, p) : p
      const end = endOfValue(bytes, value, value + stepBytes)
      if (end === -1) {
        if (from < p) take(textBefore(from, p))
        yield* readLarge()
        from = -1
      } else p = end
      p = skipBlanks(bytes, p)
      isLast = bytes[p] === close
      if (!isLast && bytes[p] !== COMMA) throw unexpectedByte(bytes, p)
      if (from !== -1 && (isLast || p - from >= stepBytes)) {
        take(utf8.decode(bytes.subarray(from, p)))
        from = -1
        yield
      }
      if (isLast) break
      p = skipBlanks(bytes, p + 1)
      if (from === -1) from = p
    }
    p++
  }

  /** The items from `from` up to the one at `end`, without the comma between. */
  function textBefore(from: number, end: number): string {
    return utf8.decode(bytes.subarray(from, bytes.lastIndexOf(COMMA, end - 1)))
  }
}

/**
 * Reads a map of many entries in steps, and gives them flat, some at a time: key, value, key, value. Keys of an object
 * would go into the engine's table of names, and each garbage collection walks through all of that.
 *
 * @throws {SyntaxError} when `bytes` are no JSON map
 */
export function* readEntriesInSteps(
  bytes: Uint8Array,
  take: (entries: unknown[]) => void,
  stepBytes = STEP_BYTES,
): Generator<void> {
  if (bytes[0] !== OPEN_MAP) throw unexpectedByte(bytes, 0)
  let p = skipBlanks(bytes, 1)
  let from = p
  let colons: number[] = []
  for (let isLast = bytes[p] === CLOSE_MAP; !isLast;) {
    const value = endOfKey(bytes, p)
    colons.push(bytes.lastIndexOf(COLON, value - 1))
    p = skipBlanks(bytes, endOfValue(bytes, value))
    isLast = bytes[p] === CLOSE_MAP
    if (!isLast && bytes[p] !== COMMA) throw unexpectedByte(bytes, p)
    if (isLast || p - from >= stepBytes) {
      const list = bytes.slice(from, p)
      for (const colon of colons) list[colon - from] = COMMA
      take(JSON.parse(`[${utf8.decode(list)}]`) as unknown[])
      yield
      from = p + 1
      colons = []
    }
    if (!isLast) p = skipBlanks(bytes, p + 1)
  }
  if (skipBlanks(bytes, p + 1) !== bytes.length) throw unexpectedByte(bytes, p)
}

/** The value in `bytes`, which begin with the colon before it. */
export function behindColon(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(startOfValue(bytes, 0))
}

/** Where the value starts behind the colon at or after `p`. */
function startOfValue(bytes: Uint8Array, p: number): number {
  const colon = skipBlanks(bytes, p)
  if (bytes[colon] !== COLON) throw unexpectedByte(bytes, colon)
  return skipBlanks(bytes, colon + 1)
}

/** Adds as `JSON.parse` would: later values replace earlier ones, and `__proto__` is a key like any other. */
function assign(map: Record<string, unknown>, more: Record<string, unknown>) {
  for (const key of Object.keys(more)) {
    if (key !== '__proto__') map[key] = more[key]
    else Object.defineProperty(map, key, { ...Object.getOwnPropertyDescriptor(more, key) })
  }
}

/** Behind the key at `p`, its colon and the white space around, which is where its value begins. */
function endOfKey(bytes: Uint8Array, p: number): number {
  return startOfValue(bytes, endOfWholeText(bytes, p))
}
