import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isValidUtf8 } from './isValidUtf8.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function isDecodable(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes)
    return true
  } catch {
    return false
  }
}

it('judges sequences at the limits of every byte as TextDecoder does', () => {
  const leads = Array.from({ length: 0x81 }, (_, i) => 0x7f + i)
  const edges = [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0]
  const sequences = leads.flatMap((lead) =>
    edges.flatMap((second) => [
      [lead, second],
      ...edges.flatMap((third) => [
        [lead, second, third],
        ...edges.map((fourth) => [lead, second, third, fourth]),
      ]),
    ]),
  )
  // Told apart before asserting: 75,000 assertions take their time.
  const wrong = sequences.filter((bytes) => {
    const sequence = Uint8Array.from(bytes)
    return isValidUtf8(sequence, 0, bytes.length) !== isDecodable(sequence)
  })
  expect(wrong).toEqual([])
})

it('judges any bytes as TextDecoder does, and only those between start and end', () => {
  const character = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3 }).map((text) => [...new TextEncoder().encode(text)]),
    fc.array(fc.integer({ min: 0x7f, max: 0xff }), { maxLength: 2 }),
  )
  fc.assert(
    fc.property(fc.array(character), fc.nat(), fc.nat(), (parts, a, b) => {
      const bytes = Uint8Array.from(parts.flat())
      const [start, end] = [a % (bytes.length + 1), b % (bytes.length + 1)].sort((x, y) => x - y)
      expect(isValidUtf8(bytes, start!, end!)).toBe(isDecodable(bytes.subarray(start, end)))
    }),
    { numRuns: 1000 },
  )
})
