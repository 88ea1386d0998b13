import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutRows } from './cutRows.js'

const bytesOf = (rows: readonly unknown[]) => new TextEncoder().encode(JSON.stringify(rows))
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('rows cut out of a stored array', () => {
  it('are those from the first to before the second border, whatever is in them', () => {
    const tricky = fc.oneof(
      fc.constantFrom('},{"', '\\', '"', '{', ']}', '機台'),
      fc.string({ unit: 'binary' }),
    )
    const row = fc.dictionary(tricky, fc.oneof(tricky, fc.double(), fc.constant(null), fc.object()))
    const rowsAndBorders = fc
      .array(row, { minLength: 1, maxLength: 12 })
      .chain((rows) =>
        fc.tuple(fc.constant(rows), fc.nat(rows.length - 1), fc.integer({ min: 1, max: rows.length })),
      )
    fc.assert(
      fc.property(rowsAndBorders, ([rows, a, b]) => {
        fc.pre(a < b)
        const cut = textOf(cutRows(bytesOf(rows), a, b))
        expect(`[${cut}]`).toBe(JSON.stringify(rows.slice(a, b)))
      }),
    )
  })

  it('are missing, and not fewer, when the array is shorter than it was said to be', () => {
    expect(() => cutRows(bytesOf([{ a: 1 }, { a: 2 }]), 0, 3)).toThrow(
      expect.objectContaining({ code: 'CHUNK_MISSING' }),
    )
  })
})
