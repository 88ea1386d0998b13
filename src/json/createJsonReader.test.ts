import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createJsonReader, type JsonReader } from './createJsonReader.js'

const encode = (text: string) => new TextEncoder().encode(text)

/** Runs a reading to its end; counts where others could have worked. */
function run<T>(steps: Generator<void, T>): { value: T; stops: number } {
  for (let stops = 0; ; stops++) {
    const { done, value } = steps.next()
    if (done) return { value, stops }
  }
}

function readerOf(text: string, maxDepth = 64): JsonReader {
  return createJsonReader(encode(text), maxDepth)
}

/** Whether a text is JSON, by what passes over it. */
function isJson(text: string, maxDepth?: number): boolean {
  const json = readerOf(text, maxDepth)
  try {
    run(json.skip())
    run(json.end())
    return true
  } catch (cause) {
    expect(cause).toBeInstanceOf(SyntaxError)
    return false
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const NO_LIMITS = { items: Infinity, itemBytes: Infinity, refuse: (what: string) => new RangeError(what) }

function textsOf(text: string, limits = NO_LIMITS): string[] {
  const texts: string[] = []
  run(readerOf(text).texts((some) => texts.push(...some), limits))
  return texts
}

function entriesOf(text: string, limits = NO_LIMITS): unknown[] {
  const flat: unknown[] = []
  run(readerOf(text).entries((some) => flat.push(...some), limits))
  return flat
}

/** Reads a map, and gives the values of the keys that are wanted, as they come. */
function valuesOf(json: JsonReader, keys: string[], maxBytes: number): [string, unknown][] {
  const seen: [string, unknown][] = []
  const readers = keys.map((key) => {
    const read = function* () {
      seen.push([key, yield* json.value(maxBytes)])
    }
    return [key, read] as const
  })
  run(json.map(new Map(readers)))
  run(json.end())
  return seen
}

describe('a JSON reader', () => {
  it('takes for JSON what JSON.parse takes, and nothing else', () => {
    const blanks = fc.constantFrom('', ' ', '\n\t', '\r\n  ')
    fc.assert(
      fc.property(
        fc.json(),
        blanks,
        fc.nat(),
        fc.constantFrom(
          '',
          ',',
          ':',
          '"',
          '\\',
          '{',
          '}',
          '[',
          ']',
          '0',
          '-',
          'e',
          '\u0001',
          '\\u12',
          'x',
          ' ',
        ),
        fc.boolean(),
        (json, around, at, piece, replaces) => {
          const text = around + json + around
          expect(isJson(text), text).toBe(true)
          const place = at % (text.length + 1)
          const other = text.slice(0, place) + piece + text.slice(replaces ? place + 1 : place)
          expect(isJson(other), other).toBe(parses(other))
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it.each([
    '',
    '[1,]',
    '[,1]',
    '{"a":1,}',
    '{"a"}',
    '{1:2}',
    '[1 2]',
    '01',
    '+1',
    '.5',
    '1.',
    '-',
    'nul',
    'truex',
    '"\\x"',
    '"\\u00g0"',
    '"\n"',
    '"a',
    '[}',
    '{]',
    '[1]]',
  ])('refuses %j', (text) => {
    expect(parses(text)).toBe(false)
    expect(isJson(text)).toBe(false)
  })

  it('reads a map key by key, and what is wanted of it', () => {
    const text = '\ufeff {"a": [1, {"b": null}], "x": {"y": [[]]}, "\\u0062": "二", "z": 7, "站": 0, "a": 2} '
    expect(valuesOf(readerOf(text), ['a', 'b', '__proto__', '站'], 100)).toEqual([
      ['a', [1, { b: null }]],
      ['b', '二'],
      ['站', 0],
      ['a', 2],
    ])
    expect(valuesOf(readerOf('{"__proto__": 1, "constructor": 2}'), ['__proto__'], 9)).toEqual([
      ['__proto__', 1],
    ])
    expect(() => valuesOf(readerOf('[]'), [], 9)).toThrow(SyntaxError)
  })

  it('gives nothing for a value that is larger than it may be, and goes on behind it', () => {
    const text = `{"large": ["${'x'.repeat(200_000)}", 1], "small": 1}`
    expect(valuesOf(readerOf(text), ['large', 'small'], 1_000)).toEqual([
      ['large', undefined],
      ['small', 1],
    ])
  })

  it('reads the texts of a list, and passes by what else is in it', () => {
    const ids = Array.from({ length: 5_000 }, (_, i) => `Ä-${i} "\n${'\\'.repeat(i % 4)}`)
    expect(textsOf(JSON.stringify(ids))).toEqual(ids)
    expect(textsOf('[ 1, "a" ,[["x"]], {"b":"c"},"d",null , "" ]')).toEqual(['a', 'd', ''])
    expect(textsOf('[]')).toEqual([])
    expect(() => textsOf('["a" "b"]')).toThrow(SyntaxError)
    expect(() => textsOf('["a",]')).toThrow(SyntaxError)
  })

  it('reads the entries of a map', () => {
    const map = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, i) => [`k${i}"`, i % 3 ? [`v${i}`, `\\\\, ${i}`] : [`v${i}`, i]]),
    )
    expect(entriesOf(JSON.stringify(map, null, 1))).toEqual(Object.entries(map).flat())
    expect(entriesOf('{"__proto__" : 1, "a:b": "c:d"}')).toEqual(['__proto__', 1, 'a:b', 'c:d'])
    expect(() => entriesOf('{"a", "b"}')).toThrow(SyntaxError)
  })

  it('refuses more items than there may be before it has read them', () => {
    const limits = { ...NO_LIMITS, items: 3 }
    expect(textsOf('["a","b",1]', limits)).toEqual(['a', 'b'])
    // Broken behind the item that is too many.
    expect(() => textsOf('["a",2,"b","c"oops', limits)).toThrow(RangeError)
    expect(() => entriesOf('{"a":1,"b":1,"c":1,"d":oops', limits)).toThrow(RangeError)
  })

  it('refuses an item that is longer than it may be', () => {
    const limits = { ...NO_LIMITS, itemBytes: 100 }
    const long = 'x'.repeat(300_000)
    for (const text of [`["${long}"]`, `["${long.slice(0, 100)}"]`]) {
      expect(() => textsOf(text, limits)).toThrow('itemBytes')
    }
    for (const text of [`{"a":["${long}"]}`, `{"a":[${'1,'.repeat(60)}1]}`]) {
      expect(() => entriesOf(text, limits)).toThrow('itemBytes')
    }
  })

  it('does not go deeper than it may', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(isJson(nested(4), 4)).toBe(true)
    expect(isJson(nested(5), 4)).toBe(false)
    // In half a megabyte of brackets it sees no more than the first.
    expect(isJson('['.repeat(2 ** 19), 64)).toBe(false)
    const json = readerOf(`{"a":${nested(4)}}`, 4)
    expect(() => run(json.map(new Map()))).toThrow(SyntaxError)
  })

  it.each([
    ['blanks', `${' '.repeat(1e6)}[${' '.repeat(1e6)}]${' '.repeat(1e6)}`, 30],
    ['a text', `["${'x'.repeat(1e6)}"]`, 15],
    ['escapes', `["${'\\u0041'.repeat(2e5)}"]`, 15],
    ['a key', `{"${'x'.repeat(1e6)}":1}`, 15],
    ['numbers', `[${'1,'.repeat(5e5)}1]`, 15],
    ['lists in lists', `[[[${'[],'.repeat(3e5)}1]]]`, 12],
    ['keys', `{${'"a":{},'.repeat(2e5)}"b":1}`, 20],
  ])('stops often among %s', (_, text, stops) => {
    const read: [string, (json: JsonReader) => Generator<void, unknown>][] = [
      ['skip', (json) => json.skip()],
      ['value', (json) => json.value(1_000)],
    ]
    if (text.trim().startsWith('[')) read.push(['texts', (json) => json.texts(() => {}, NO_LIMITS)])
    else read.push(['entries', (json) => json.entries(() => {}, NO_LIMITS)])
    for (const [how, steps] of read) {
      const json = readerOf(text)
      const all = (function* () {
        yield* steps(json)
        yield* json.end()
      })()
      expect(run(all).stops, how).toBeGreaterThanOrEqual(stops)
    }
  })
})
