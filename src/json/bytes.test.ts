import fc from 'fast-check'
import { expect, it } from 'vitest'
import { indexOfByte } from './bytes.js'

it('finds the first byte that indexOf finds, wherever the bytes begin and the search does', () => {
  const bytes = fc.array(fc.oneof(fc.constantFrom(9, 10, 11, 0x8a, 0x0b), fc.nat(255)), { maxLength: 80 })
  fc.assert(
    fc.property(bytes, fc.nat(9), fc.nat(90), (values, offset, from) => {
      const whole = Uint8Array.from(values)
      const part = whole.subarray(Math.min(offset, whole.length))
      const start = Math.min(from, part.length)
      expect(indexOfByte(part, 10, start)).toBe(part.indexOf(10, start))
    }),
    { numRuns: 2000 },
  )
})

it('finds a byte that comes once at each place', () => {
  for (let length = 1; length < 70; length++) {
    const bytes = new Uint8Array(length).fill(11)
    expect(indexOfByte(bytes, 10, 0)).toBe(-1)
    for (let i = 0; i < length; i++) {
      bytes[i] = 10
      expect(indexOfByte(bytes, 10, 0)).toBe(i)
      expect(indexOfByte(bytes, 10, i + 1)).toBe(-1)
      bytes[i] = 11
    }
  }
})
