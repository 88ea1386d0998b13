import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutRows } from './cutRows.js'

const bytesOf = (rows: readonly unknown[]) => new TextEncoder().encode(JSON.stringify(rows))
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

const tricky = fc.oneof(
  fc.constantFrom('},{"', '},{"ID":', '},{', '\\', '"', '{', ']}', '機台', ',', ':', ''),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const cell = fc.oneof(
  tricky,
  fc.double({ noNaN: true }),
  fc.constant(null),
  fc.array(tricky, { maxLength: 2 }),
)
const columns = fc.dictionary(tricky, fc.oneof(cell, fc.dictionary(tricky, cell, { maxKeys: 2 })), {
  maxKeys: 4,
})
const sameKeyFirst = fc.tuple(cell, columns).map(([id, rest]) => ({ ID: id, ...rest }))

describe('rows cut out of a stored array', () => {
  it.each([
    ['that begin with the same key', sameKeyFirst],
    ['of any shape', columns],
    ['of mixed shapes', fc.oneof(sameKeyFirst, columns)],
  ])('are those from the first to before the second border: rows %s', (_, row) => {
    const rowsAndBorders = fc
      .array(row, { minLength: 1, maxLength: 8 })
      .chain((rows) =>
        fc.tuple(fc.constant(rows), fc.nat(rows.length - 1), fc.integer({ min: 1, max: rows.length })),
      )
      .filter(([, from, to]) => from < to)
    fc.assert(
      fc.property(rowsAndBorders, ([rows, from, to]) => {
        const cut = textOf(cutRows(bytesOf(rows), rows.length, from, to))
        expect(`[${cut}]`).toBe(JSON.stringify(rows.slice(from, to)))
      }),
      { numRuns: 300 },
    )
  })

  it('are not taken from a list inside a row whose objects begin as the row does', () => {
    const rows = [{ A: [{ A: 1 }, { A: 2 }] }, { B: 3 }]
    expect(`[${textOf(cutRows(bytesOf(rows), 2, 0, 1))}]`).toBe(JSON.stringify(rows.slice(0, 1)))
  })

  it('are missing, and not fewer, when the array is shorter than it was said to be', () => {
    expect(() => cutRows(bytesOf([{ a: 1 }, { a: 2 }]), 3, 0, 2)).toThrow(
      expect.objectContaining({ code: 'CHUNK_MISSING' }),
    )
  })
})
