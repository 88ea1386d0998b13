import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyFilter } from './createKeyFilter.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function filtered(text: string, wants: (key: string) => boolean, pieceBytes = 1 << 16): string {
  const filter = createKeyFilter(wants)
  const bytes = encoder.encode(text)
  let kept = ''
  const stream = new TextDecoder()
  for (let p = 0; p < bytes.length; p += pieceBytes) {
    for (const part of filter(bytes.slice(p, p + pieceBytes))) kept += stream.decode(part, { stream: true })
  }
  return kept
}

describe('createKeyFilter', () => {
  it('leaves unwanted keys out, wherever the bytes are cut', () => {
    const text = ' {"a" : [1,{"b":2}], "b":{"a":"}"},"c\\u0061":"\\"]", "站":3 , "a":{}} '
    for (let pieceBytes = 1; pieceBytes < 80; pieceBytes++) {
      expect(filtered(text, (key) => key === 'b' || key === '站', pieceBytes)).toBe(
        ' {"b":{"a":"}"},"站":3 } ',
      )
      expect(filtered(text, (key) => key === 'ca', pieceBytes)).toBe(' {"c\\u0061":"\\"]"} ')
      expect(filtered(text, () => false, pieceBytes)).toBe(' {} ')
    }
  })

  it.each(['[{"a":1}]', '"a"', '5', '{}', '', '<html>{"a"', '[1,{"a":[2,"]"]},3]'])(
    'lets %j pass as it is',
    (text) => {
      for (const pieceBytes of [1, 2, 100]) expect(filtered(text, () => true, pieceBytes)).toBe(text)
    },
  )

  it('keeps of any map what the wanted keys hold', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.func(fc.boolean()),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(undefined, 1),
        (map, wants, pieceBytes, indent) => {
          const value = JSON.parse(JSON.stringify(map)) as object
          const wanted = Object.fromEntries(Object.entries(value).filter(([key]) => wants(key)))
          expect(JSON.parse(filtered(JSON.stringify(map, null, indent), wants, pieceBytes))).toEqual(wanted)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('gives the bytes of a value to its taker, wanted or not, once for each of a repeated key', () => {
    const bytes = encoder.encode(' {"a" : [1,{"a":2}], "b":{"a":"}"},"a":3 , "c":4 } ')
    for (let pieceBytes = 1; pieceBytes < 60; pieceBytes++) {
      const taken: string[] = []
      const filter = createKeyFilter(
        (key) => key === 'b',
        (key) => {
          if (key === 'c') return undefined
          const at = taken.push(key) - 1
          return (part) => (taken[at] += decoder.decode(part))
        },
      )
      let kept = ''
      for (let p = 0; p < bytes.length; p += pieceBytes) {
        for (const part of filter(bytes.slice(p, p + pieceBytes))) kept += decoder.decode(part)
      }
      expect(kept).toBe(' {"b":{"a":"}"}} ')
      expect(taken).toEqual(['a : [1,{"a":2}]', 'b:{"a":"}"}', 'a:3 '])
    }
  })

  it('does not change the bytes that it is given', () => {
    const bytes = encoder.encode('{"a":1,"b":2}')
    createKeyFilter(() => false)(bytes)
    expect(decoder.decode(bytes)).toBe('{"a":1,"b":2}')
  })
})
