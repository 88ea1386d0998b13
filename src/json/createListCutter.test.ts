import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PADDING } from './createTextBuffer.js'
import { createListCutter, type ListCutterOptions } from './createListCutter.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const OPTIONS: ListCutterOptions = {
  path: ['results', '*', 'data'],
  maxItems: 3,
  partBytes: 1000,
  maxBytes: 10_000,
}

/** Parts as text, and the rest. */
function cut(
  text: string,
  { pieceBytes = 1 << 16, ...options }: Partial<ListCutterOptions & { pieceBytes: number }> = {},
) {
  const cutter = createListCutter({ ...OPTIONS, ...options })
  const bytes = encoder.encode(text)
  const parts: string[] = []
  for (let p = 0; p < bytes.length; p += pieceBytes) {
    for (const part of cutter.parts(bytes.slice(p, p + pieceBytes))) {
      if (part.type === 'list') parts.push(`list ${part.key}`)
      else if (part.type === 'items') parts.push(`${part.count}: ${decoder.decode(part.text)}`)
      else parts.push('end')
    }
  }
  const rest = cutter.rest()
  return { parts, rest: rest && decoder.decode(rest) }
}

const ANSWER =
  '{"stage":"events","results":{"history":{"data":[{"A":"]"},{"A":"\\"}"},[1,2],null,5],"count":5},"站":{"count":0,"data":[ ]}},"more":[{"data":[1]}]}'

describe('createListCutter', () => {
  it('takes the items of lists at the path out, and leaves the rest, wherever the bytes are cut', () => {
    for (let pieceBytes = 1; pieceBytes <= ANSWER.length; pieceBytes++) {
      expect(cut(ANSWER, { pieceBytes })).toEqual({
        parts: ['list history', '3: {"A":"]"},{"A":"\\"}"},[1,2]', '2: null,5', 'end', 'list 站', 'end'],
        rest: '{"stage":"events","results":{"history":{"data":[],"count":5},"站":{"count":0,"data":[]}},"more":[{"data":[1]}]}',
      })
    }
  })

  it('ends a part at a length too, with the item that reaches it', () => {
    const { parts } = cut('{"results":{"a":{"data":["1234","5678","9"]}}}', { partBytes: 8 })
    expect(parts).toEqual(['list a', '2: "1234","5678"', '1: "9"', 'end'])
  })

  it('puts zeros behind the text of a part, and the text at the beginning of its buffer', () => {
    const cutter = createListCutter(OPTIONS)
    const text = encoder.encode('{"results":{"a":{"data":[11111111,2,3,4]}}}')
    const ends = [...cutter.parts(text)].flatMap((part) =>
      part.type === 'items'
        ? [[part.text.byteOffset, ...new Uint8Array(part.text.buffer, part.text.length, PADDING)]]
        : [],
    )
    expect(ends).toEqual([Array(9).fill(0), Array(9).fill(0)])
  })

  it.each([
    ['a list of another key', '{"results":{"a":{"rows":[1]}}}'],
    ['a list higher up', '{"results":{"a":[1]},"data":[1]}'],
    ['a list deeper down', '{"results":{"a":{"data":{"data":[1]}}}}'],
    ['a map inside a list', '{"results":["a",{"data":[1]}]}'],
    ['a text like a key', '{"results":"a","x":"data","y":[1]}'],
    ['another root', '[{"results":{"a":{"data":[1]}}}]'],
  ])('leaves %s where it is', (_, text) => {
    expect(cut(text)).toEqual({ parts: [], rest: text })
  })

  it('knows a key by its value, not by how it is written', () => {
    expect(cut('{"r\\u0065sults":{"\\u0061":{"dat\\u0061":[1]}}}').parts).toEqual(['list a', '1: 1', 'end'])
  })

  it('takes a byte order mark off', () => {
    expect(cut('\ufeff{}').rest).toBe('{}')
  })

  it.each(['[,1]', '[1,]', '[1,,2]', '[1}', '[,]'])('refuses %s', (list) => {
    expect(() => cut(`{"results":{"a":{"data":${list}}}}`)).toThrow(SyntaxError)
  })

  it('does not take a control character for a blank: a list with nothing else is not empty', () => {
    for (const nothing of ['\u0000', '\u001f', ' \u000b']) {
      // Whoever parses the items refuses it.
      expect(cut(`{"results":{"a":{"data":[${nothing}]}}}`).parts).toHaveLength(3)
    }
    expect(cut('{"results":{"a":{"data":[ \t\r\n]}}}').parts).toHaveLength(2)
  })

  it('has no rest when the bytes break off', () => {
    for (let end = 1; end < ANSWER.length; end++) expect(cut(ANSWER.slice(0, end)).rest).toBeNull()
  })

  it('holds no more than it may, of an item and of the rest', () => {
    const item = (length: number) => `{"results":{"a":{"data":["${'x'.repeat(length - 2)}"]}}}`
    expect(cut(item(100), { maxBytes: 100 }).parts).toHaveLength(3)
    expect(() => cut(item(101), { maxBytes: 100 })).toThrow(
      expect.objectContaining({ code: 'LINE_TOO_LONG' }),
    )
    const rest = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`
    expect(cut(rest(100), { maxBytes: 100 }).rest).toHaveLength(100)
    expect(() => cut(rest(101), { maxBytes: 100 })).toThrow(
      expect.objectContaining({ code: 'LINE_TOO_LONG' }),
    )
  })

  it('loses nothing of any JSON, whatever is in its lists', () => {
    const answer = fc.record({
      results: fc.dictionary(
        fc.string(),
        fc.record({ data: fc.array(fc.jsonValue()), count: fc.jsonValue() }),
      ),
      more: fc.jsonValue(),
    })
    fc.assert(
      fc.property(
        answer,
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom(undefined, 1),
        (value, pieceBytes, indent) => {
          const { parts, rest } = cut(JSON.stringify(value, null, indent), { pieceBytes, maxBytes: 1e6 })
          const wanted = Object.entries(JSON.parse(JSON.stringify(value.results)) as typeof value.results)
          const items: unknown[][] = []
          for (const part of parts) {
            if (part.startsWith('list ')) items.push([])
            else if (part !== 'end')
              items.at(-1)!.push(...(JSON.parse(`[${part.slice(part.indexOf(':') + 1)}]`) as unknown[]))
          }
          expect(items).toEqual(wanted.map(([, { data }]) => data))
          const empty = wanted.map(([key, domain]) => [key, { ...domain, data: [] }])
          expect(JSON.parse(rest!)).toEqual({
            ...JSON.parse(JSON.stringify(value)),
            results: Object.fromEntries(empty),
          })
        },
      ),
      { numRuns: 1000 },
    )
  })
})
