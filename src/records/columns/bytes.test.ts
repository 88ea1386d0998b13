import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isSameBytes } from './bytes.js'

const encoder = new TextEncoder()

/** A text's bytes from `offset` on, and more behind them than may be looked at. */
function placed(bytes: Uint8Array, offset: number): DataView {
  const whole = new Uint8Array(offset + bytes.length + 8).fill(0xff)
  whole.set(bytes, offset)
  return new DataView(whole.buffer)
}

it('tells a text’s bytes from all others of its length, wherever they lie', () => {
  const unit = fc.oneof(
    fc.constantFrom('\0', '\x7f', 'ÿ', '測', '\u{1f600}', 'a'),
    fc.string({ unit: 'binary' }),
  )
  const texts = fc.array(unit, { maxLength: 12 }).map((units) => encoder.encode(units.join('')))
  fc.assert(
    fc.property(
      texts,
      fc.nat(9),
      fc.nat(9),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      (text, i, j, at, byte) => {
        expect(isSameBytes(placed(text, i), i, placed(text, j), j, text.length)).toBe(true)
        if (text.length === 0) return
        // A scanned text has no zeros.
        if (text.includes(0)) return
        const other = text.slice()
        other[at % text.length] = byte
        const isSame = other.every((value, k) => value === text[k])
        expect(isSameBytes(placed(text, i), i, placed(other, j), j, text.length)).toBe(isSame)
        expect(isSameBytes(placed(other, j), j, placed(text, i), i, text.length)).toBe(isSame)
      },
    ),
    { numRuns: 5000 },
  )
})
