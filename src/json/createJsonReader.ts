import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_MAP,
  COLON,
  COMMA,
  lengthOfBom,
  OPEN_LIST,
  OPEN_MAP,
  QUOTE,
} from './bytes.js'
import { closingQuote } from './parseExactly.js'
import { endOfPlainText, endOfScalar, skipBlanks, unexpectedByte } from './scan.js'

/** Bytes of one step: 50 µs of work, or up to 5 ms where all are short texts that are kept. */
const STEP_BYTES = 16 * 1024
/** Bytes of texts, and keys and values of maps, that are given together. */
const GROUP_BYTES = 16 * 1024
const GROUP_ITEMS = 512
/** No request has longer keys or numbers: such a key is passed by, such a number refused. */
const MAX_KEY_BYTES = 4 * 1024

/** What a list or a map may hold; `refuse` makes the error for what goes beyond. */
export interface ReadLimits {
  items: number
  /** Bytes of one item, as it stands in the text. */
  itemBytes: number
  refuse: (what: 'items' | 'itemBytes') => Error
}

/**
 * Reads one JSON text value by value, in steps, so that others can work in between. Values that are not wanted are not
 * parsed, but every byte is checked: a text that was read to its end is JSON. Each reading generator begins at a value,
 * ends behind it, and throws `SyntaxError` where the text is no JSON.
 */
export interface JsonReader {
  /** What comes next. */
  next: () => 'map' | 'list' | 'text' | 'other'
  /** Passes a value by. */
  skip: () => Generator<void>
  /** A value whose text has at most `maxBytes`, or `undefined` for one that has more, which is passed by. */
  value: (maxBytes: number) => Generator<void, unknown>
  /** Reads a map: each of `readers` reads the value of its key, and the others are passed by. */
  map: (readers: ReadonlyMap<string, () => Generator<void>>) => Generator<void>
  /** Reads the texts of a list, some at a time; what else is in it is passed by, but counts. */
  texts: (take: (texts: string[]) => void, limits: ReadLimits) => Generator<void>
  /** Reads the entries of a map, some at a time, flat: key, value, key, value. */
  entries: (take: (flat: unknown[]) => void, limits: ReadLimits) => Generator<void>
  /** Makes sure that nothing follows. */
  end: () => Generator<void>
}

const utf8 = new TextDecoder()
const encoder = new TextEncoder()

/**
 * @param bytes UTF-8
 * @param maxDepth how deep lists and maps may lie in each other; deeper ones are no JSON to this reader
 */
export function createJsonReader(bytes: Uint8Array, maxDepth: number): JsonReader {
  // Behind a byte order mark.
  let p = lengthOfBom(bytes)
  let depth = 0
  /** Where the step ends. */
  let stop = STEP_BYTES

  /** Whether it is time to stop; a new step begins. */
  function isDue(): boolean {
    if (p < stop) return false
    stop = p + STEP_BYTES
    return true
  }

  /** Goes on over blanks; `false` when the step ended among them. */
  function passBlanks(): boolean {
    p = skipBlanks(bytes, p, stop)
    return p < stop || !isDue()
  }

  /** Goes on inside a text, over its closing quote; `false` when the step ended before. */
  function passText(): boolean {
    const end = Math.min(stop, bytes.length)
    for (;;) {
      p = endOfPlainText(bytes, p, end)
      if (p >= end) break
      const byte = bytes[p]
      if (byte === QUOTE) {
        p++
        return true
      }
      if (byte !== BACKSLASH) throw unexpected()
      passEscape()
    }
    if (p >= bytes.length) throw unexpected()
    return !isDue()
  }

  function passEscape() {
    const byte = bytes[++p]
    if (byte === 0x75) {
      for (const end = p + 4; p < end;) if (!isHex(bytes[++p])) throw unexpected()
    } else if (byte === undefined || !ESCAPED.includes(byte)) throw unexpected()
    p++
  }

  /** Goes on over a number, `true`, `false` or `null`. */
  function passScalar() {
    const start = p
    p = endOfScalar(bytes, start, Math.min(bytes.length, start + MAX_KEY_BYTES))
    // Most are whole numbers; the rest is decoded for the expression.
    if (!isWholeNumber(start, p) && !SCALAR.test(utf8.decode(bytes.subarray(start, p)))) throw unexpected()
  }

  function isWholeNumber(start: number, end: number): boolean {
    if (start === end || bytes[start] === ZERO) return false
    for (let q = start; q < end; q++) if (!isDigit(bytes[q]!)) return false
    return true
  }

  /** Passes a value by; false when it goes beyond `limit`. Does not recurse, so that depth costs no stack. */
  function* pass(limit: number): Generator<void, boolean> {
    const closes: number[] = []
    for (;;) {
      while (!passBlanks()) yield
      const byte = bytes[p]
      let isOpened = false
      if (byte === QUOTE) {
        p++
        while (!passText()) {
          if (p > limit) return false
          yield
        }
      } else if (byte === OPEN_LIST || byte === OPEN_MAP) {
        if (depth + closes.push(byte + 2) > maxDepth) throw unexpected()
        p++
        isOpened = true
      } else passScalar()

      // Behind a value, or at the beginning of a list or map.
      for (;;) {
        if (p > limit) return false
        const close = closes.at(-1)
        if (close === undefined) return true
        while (!passBlanks()) yield
        const after = bytes[p]
        if (after === close) {
          closes.pop()
          p++
          isOpened = false
          continue
        }
        if (!isOpened) {
          if (after !== COMMA) throw unexpected()
          p++
          while (!passBlanks()) yield
        }
        if (close === CLOSE_MAP) {
          if (bytes[p++] !== QUOTE) throw unexpected()
          while (!passText()) yield
          yield* passColon()
        }
        break
      }
      if (isDue()) yield
    }
  }

  /** Goes on over a colon, up to the value; tells where it stands. */
  function* passColon(): Generator<void, number> {
    while (!passBlanks()) yield
    const colon = p
    if (bytes[p++] !== COLON) throw unexpected()
    while (!passBlanks()) yield
    return colon
  }

  /** Calls `readItem` at each item of the list or map at `p`; it reads the item at once, or in steps. */
  function* readItems(close: number, readItem: () => Generator<void, unknown> | undefined): Generator<void> {
    while (!passBlanks()) yield
    if (bytes[p] !== close - 2 || ++depth > maxDepth) throw unexpected()
    p++
    while (!passBlanks()) yield
    for (let isFirst = true; bytes[p] !== close; isFirst = false) {
      if (!isFirst) {
        if (bytes[p++] !== COMMA) throw unexpected()
        while (!passBlanks()) yield
      }
      const steps = readItem()
      if (steps) yield* steps
      if (isDue()) yield
      while (!passBlanks()) yield
    }
    p++
    depth--
  }

  function unexpected(): SyntaxError {
    return unexpectedByte(bytes, p)
  }

  return {
    next() {
      const byte = bytes[p]
      if (byte === OPEN_MAP) return 'map'
      if (byte === OPEN_LIST) return 'list'
      return byte === QUOTE ? 'text' : 'other'
    },

    *skip() {
      yield* pass(Infinity)
    },

    *value(maxBytes) {
      const start = p
      if (yield* pass(start + maxBytes)) return JSON.parse(utf8.decode(bytes.subarray(start, p)))
      p = start
      stop = p + STEP_BYTES
      yield* pass(Infinity)
      return undefined
    },

    *map(readers) {
      const lengths = new Set([...readers.keys()].map((key) => encoder.encode(key).length + 2))
      yield* readItems(CLOSE_MAP, function* () {
        const start = p
        if (bytes[p++] !== QUOTE) throw unexpected()
        while (!passText()) yield
        const key = bytes.subarray(start, p)
        yield* passColon()
        // The length rules out most keys of a hostile map. Readers are in a Map, since an object would learn all names.
        const isOurs = lengths.has(key.length) || (key.length <= MAX_KEY_BYTES && key.includes(BACKSLASH))
        const read = isOurs ? readers.get(textOf(key)) : undefined
        if (read) yield* read()
        else yield* pass(Infinity)
      })
    },

    *texts(take, { items, itemBytes, refuse }) {
      let count = 0
      // Texts that follow each other are decoded together.
      let from = -1
      let to = -1

      function flush() {
        if (from !== -1) take(sliceTexts(utf8.decode(bytes.subarray(from, to)))!)
        from = -1
      }

      function endItem(start: number) {
        if (p - start > itemBytes) throw refuse('itemBytes')
        if (from !== -1 && p - from > GROUP_BYTES) flush()
        if (from === -1) from = start
        to = p
      }

      function* readLong(start: number): Generator<void> {
        do {
          if (p - start > itemBytes) throw refuse('itemBytes')
          yield
        } while (!passText())
        endItem(start)
      }

      yield* readItems(CLOSE_LIST, () => {
        if (++count > items) throw refuse('items')
        const start = p
        if (bytes[p] !== QUOTE) {
          flush()
          return pass(Infinity)
        }
        p++
        if (!passText()) return readLong(start)
        endItem(start)
      })
      flush()
    },

    *entries(take, { items, itemBytes, refuse }) {
      let count = 0
      let flat: unknown[] = []
      yield* readItems(CLOSE_MAP, function* () {
        if (++count > items) throw refuse('items')
        const start = p
        if (bytes[p++] !== QUOTE) throw unexpected()
        while (!passText()) yield
        const key = textOf(bytes.subarray(start, p))
        yield* passColon()
        const value = p
        if (!(yield* pass(start + itemBytes))) throw refuse('itemBytes')
        flat.push(key, valueOf(bytes.subarray(value, p)))
        if (flat.length < GROUP_ITEMS) return
        take(flat)
        flat = []
      })
      if (flat.length > 0) take(flat)
    },

    *end() {
      while (!passBlanks()) yield
      if (p < bytes.length) throw unexpected()
    },
  }
}

/** What may stand behind a backslash, but for `u`. */
const ESCAPED: readonly number[] = [...'"\\/bfnrt'].map((character) => character.charCodeAt(0))
const SCALAR = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/

/*
 * `JSON.parse` enters short texts into the engine's table of names. With half a million of them, enlarging that table
 * blocks for 40 ms and more. Slices of a string are not entered.
 */

function textOf(json: Uint8Array): string {
  return sliceTexts(utf8.decode(json))![0]!
}

function valueOf(json: Uint8Array): unknown {
  const text = utf8.decode(json)
  const isList = json[0] === OPEN_LIST
  const texts = isList ? sliceTexts(text.slice(1, -1)) : json[0] === QUOTE ? sliceTexts(text) : null
  if (texts === null) return JSON.parse(text)
  return isList ? texts : texts[0]
}

/** The texts of a list's JSON without its brackets; `null` when it holds anything but texts. */
function sliceTexts(json: string): string[] | null {
  const hasEscapes = json.includes('\\')
  const texts: string[] = []
  for (let at = 0; ;) {
    const open = json.indexOf('"', at)
    for (const end = open === -1 ? json.length : open; at < end; at++) {
      if (json[at] !== ',' && json[at]! > ' ') return null
    }
    if (open === -1) return texts
    const close = closingQuote(json, open)
    const text = json.slice(open + 1, close)
    texts.push(hasEscapes && text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text)
    at = close + 1
  }
}

const ZERO = 0x30

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39
}

function isHex(byte: number | undefined): boolean {
  return byte !== undefined && (isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66))
}
