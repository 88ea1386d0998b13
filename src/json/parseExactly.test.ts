import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactly } from './parseExactly.js'

describe('parseExactly', () => {
  it('keeps whole numbers beyond 2^53 - 1 as the text they were written as', () => {
    const text = '{"ID":[9007199254740991,9007199254740992,-9007199254740993],"n":{"x":12345678901234567890}}'
    expect(parseExactly(text)).toEqual({
      ID: [9007199254740991, '9007199254740992', '-9007199254740993'],
      n: { x: '12345678901234567890' },
    })
    expect(parseExactly('9007199254740993')).toBe('9007199254740993')
  })

  it('makes no Infinity of a number that is too large', () => {
    expect(parseExactly('[1e400,-1E+400, 1e0400,1e308,1e-400]')).toEqual([
      '1e400',
      '-1E+400',
      '1e0400',
      1e308,
      0,
    ])
    const digits = '9'.repeat(400)
    expect(parseExactly(`[${digits},${digits}.5]`)).toEqual([digits, `${digits}.5`])
  })

  it('leaves digits inside of texts and names alone', () => {
    const value = {
      '12345678901234567890': ', 12345678901234567890',
      a: '":9007199254740993,\\',
      b: ['\\"', '1e999'],
    }
    const text = JSON.stringify(value)
    expect(parseExactly(`[9007199254740993,${text}]`)).toEqual(['9007199254740993', value])
  })

  it('reads everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(1, 2), (text, indent) => {
        const plain = JSON.stringify(JSON.parse(text), null, indent)
        expect(parseExactly(`[9007199254740993, ${plain}]`)).toEqual([
          '9007199254740993',
          withExactTexts(plain),
        ])
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    '[12345678901234567890',
    '{12345678901234567890:1}',
    '[012345678901234567890]',
    '[1e400.5]',
    '[12345678901234567890x]',
  ])('refuses what is no JSON: %s', (text) => expect(() => parseExactly(text)).toThrow(SyntaxError))
})

/** `JSON.stringify` writes doubles: what it writes in digits alone and beyond 2^53 - 1 is kept as text. */
function withExactTexts(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value))
      ? String(value)
      : value,
  )
}
