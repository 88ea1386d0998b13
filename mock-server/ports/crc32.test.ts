import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combineCrc32, crc32 } from './crc32.js'

describe('crc32', () => {
  it('is what zlib says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(crc32(bytes)).toBe(zlibCrc32(bytes))
      }),
    )
  })

  it('of two texts comes from theirs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
        expect(combineCrc32(crc32(a), crc32(b), b.length)).toBe(zlibCrc32(Buffer.concat([a, b])))
      }),
    )
  })

  it('combines over more bytes than 32 bits count', () => {
    const sevenGiB = 7 * 2 ** 30
    const halves = combineCrc32(combineCrc32(1, 0, sevenGiB / 2), 0, sevenGiB / 2)
    expect(combineCrc32(1, 0, sevenGiB)).toBe(halves)
  })
})
