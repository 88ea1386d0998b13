import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactly } from '../../json/parseExactly.js'
import { scanNumber } from './scanNumber.js'

const encoder = new TextEncoder()

/** The number and how many characters it took; `null` when there is none. */
function scan(text: string): { value: number; length: number } | null {
  const numbers = new Float64Array(1)
  const length = scanNumber(encoder.encode(`${text}\0`), 0, numbers, 0)
  return length === -1 ? null : { value: numbers[0]!, length }
}

function expectParsed(text: string) {
  const scanned = scan(text)
  expect(scanned?.length, text).toBe(text.length)
  const value = parseExactly(text)
  // What stays text is told by NaN.
  expect(
    Object.is(scanned?.value, typeof value === 'string' ? NaN : value),
    `${text} gave ${scanned?.value}`,
  ).toBe(true)
}

describe('scanNumber', () => {
  it('reads every double as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
        expectParsed(JSON.stringify(value)),
      ),
      { numRuns: 5000 },
    )
  })

  it('reads any digits as JSON.parse does', () => {
    const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`))
    const text = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.nat(),
        digits(0, 20),
        fc.constantFrom('', 'e1', 'E-7', 'e+22', 'e400'),
      )
      .map(([sign, whole, decimals, exponent]) => `${sign}${whole}${decimals && `.${decimals}`}${exponent}`)
    fc.assert(fc.property(text, expectParsed), { numRuns: 20_000 })
  })

  it('leaves numbers that a double cannot hold to be kept as text', () => {
    for (const text of [
      '9007199254740992',
      '-9007199254740993',
      '123456789012345678',
      '1e400',
      `${'9'.repeat(400)}.5`,
    ])
      expect(scan(text), text).toEqual({ value: NaN, length: text.length })
    for (const text of ['9007199254740991', '-9007199254740991', '9007199254740993.0', '1e16'])
      expectParsed(text)
  })

  it('keeps the sign of zero', () => {
    for (const text of ['0', '-0', '-0.0', '0e5', '-0e-5', '-1e-400']) expectParsed(text)
  })

  it('finds no number where JSON has none', () => {
    for (const text of [
      '',
      '-',
      '01',
      '-01',
      '1.',
      '.5',
      '1.e5',
      '1e',
      '1e+',
      '+1',
      '12345678901234567e',
      'NaN',
    ]) {
      expect(scan(text), text).toBeNull()
    }
  })
})
