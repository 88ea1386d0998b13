import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactly } from '../json/parseExactly.js'
import { decodedList } from './fuzz/decodedList.js'
import { RecordList } from './RecordList.js'
import type { Row } from './Row.js'
import { rowsToBatch } from './rowsToBatch.js'
import { filterInSlices, searchInSlices, sortInSlices } from './workInSlices.js'

const cell = fc.oneof(
  fc.constantFrom('a', 'b', 'B', '測試', '測', '', '1', '-2.5', '01', '9007199254740993', '9007199254740992'),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(null, true, false),
)
const rowsOf = (cells: fc.Arbitrary<unknown>) =>
  fc.array(fc.record({ A: cells, B: cells, C: cell }, { requiredKeys: ['A'] }) as fc.Arbitrary<Row>, { maxLength: 90 }) // prettier-ignore
const anyRows = fc.oneof(
  rowsOf(cell),
  rowsOf(fc.constantFrom('x', 'y', null)),
  rowsOf(fc.option(fc.integer())),
  rowsOf(fc.string()),
  // Longer than what sort keys hold, with a common beginning and characters of every kind.
  rowsOf(
    fc
      .string({ unit: fc.constantFrom('a', 'b', 'ý', 'þ', 'ÿ', 'Ā', '測', '\0', '7', '0'), maxLength: 30 })
      .map((text) => `W-${text}`),
  ),
  rowsOf(
    fc.string({ unit: fc.constantFrom(...' -_.:/#aAbchZ0019'), maxLength: 30 }).map((text) => `LOT1${text}`),
  ),
)

/** The same rows as objects and as columns, in batches of any size. */
const lists = fc.tuple(anyRows, fc.integer({ min: 1, max: 90 })).map(([generated, size]) => {
  // As they arrive: -0 is written as 0, and 1e20 in digits alone, which are kept as text.
  const rows = parseExactly(JSON.stringify(generated)) as Row[]
  const batches: Row[][] = []
  for (let i = 0; i < rows.length; i += size) batches.push(rows.slice(i, i + size))
  const plain = batches.reduce((list, batch) => list.append(rowsToBatch(batch)), RecordList.empty())
  return { rows, lists: [plain, decodedList(batches)] }
})

/** Of numbers that are one double. */
function byDigits(x: unknown, y: unknown): number {
  if (!isKept(x) && !isKept(y)) return 0
  const [a, b] = [BigInt(x as string), BigInt(y as string)]
  return a < b ? -1 : a > b ? 1 : 0
}

const NUMERIC = /^[+-]?\d+(\.\d+)?$/

function rank(value: unknown): number {
  if (value === null || value === undefined) return 3
  if (typeof value === 'string' && NUMERIC.test(value)) return 0
  return ['number', 'string', 'boolean'].indexOf(typeof value)
}

function naivelySorted(rows: Row[], column: string, sign: 1 | -1, locale = 'en'): Row[] {
  const collator = new Intl.Collator(locale, { numeric: true, ignorePunctuation: false })
  return rows.toSorted((a, b) => {
    const [x, y] = [a[column], b[column]]
    if (rank(x) !== rank(y))
      return rank(x) === 3 || rank(y) === 3 ? rank(x) - rank(y) : sign * (rank(x) - rank(y))
    if (x === y || rank(x) === 3) return 0
    if (typeof x === 'boolean') return sign * (Number(x) - Number(y))
    const byValue =
      rank(x) === 0 ? Number(x) - Number(y) || byDigits(x, y) : collator.compare(x as string, y as string)
    return sign * (byValue || (String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0))
  })
}

/** Whether a cell may be a number beyond 2^53, which is kept as text. */
function isKept(cell: unknown): boolean {
  return typeof cell === 'string' && /^-?\d+$/.test(cell) && !Number.isSafeInteger(Number(cell))
}

function grouped(rows: Row[], column: string, amount: (row: Row) => number) {
  const sums = new Map<unknown, number>()
  for (const row of rows) sums.set(row[column], (sums.get(row[column]) ?? 0) + amount(row))
  return sums
}

describe('RecordList over objects and over columns', () => {
  it('filters, sorts and searches as arrays do', () => {
    fc.assert(
      fc.property(lists, ({ rows, lists }) => {
        for (const list of lists) {
          expect(list.filter((row) => row.A === 'a' || row.B === 1).toArray()).toEqual(
            rows.filter((row) => row.A === 'a' || row.B === 1),
          )
          expect(list.sortBy('A').toArray()).toEqual(naivelySorted(rows, 'A', 1))
          expect(list.sortBy('B', 'descending').toArray()).toEqual(naivelySorted(rows, 'B', -1))
          for (const locale of ['zh-Hant-TW', 'cs', 'th'])
            expect(list.sortBy('A', 'ascending', locale).toArray()).toEqual(
              naivelySorted(rows, 'A', 1, locale),
            )
        }
      }),
    )
  })

  it('sums, counts and finds the limits of columns as loops over rows do', () => {
    fc.assert(
      fc.property(lists, ({ rows, lists }) => {
        for (const list of lists) {
          for (const view of [list, list.filter(() => true)]) {
            const sums = view.column('B').sumBy('A')
            const wanted = grouped(rows, 'A', ({ B }) => (typeof B === 'number' || isKept(B) ? Number(B) : 0))
            expect(new Set(sums.keys())).toEqual(new Set(wanted.keys()))
            for (const [key, sum] of wanted) expect(sums.get(key)).toBeCloseTo(sum)
            expect(view.column('A').countBy()).toEqual(grouped(rows, 'A', () => 1))
            expect(new Set(view.column('B').distinct())).toEqual(new Set(rows.map((row) => row.B)))
            const numbers = rows.map((row) => row.A).filter((value) => typeof value === 'number')
            if (numbers.length > 0 && !rows.some((row) => isKept(row.A))) {
              expect(view.column('A').minMax()).toEqual({
                min: Math.min(...numbers),
                max: Math.max(...numbers),
              })
            }
          }
        }
      }),
    )
  })
})

const rows = Array.from({ length: 1000 }, (_, i) => ({
  N: (i * 7) % 1000,
  STATION: i % 3 ? '測試' : 'Test',
  X: null,
}))
const list = decodedList([rows.slice(0, 600), rows.slice(600)])

describe('RecordView', () => {
  it('is a list of its own: filtered, sorted, sliced and indexed like its source', () => {
    const view = list.filter((row) => row.STATION === 'Test').sortBy('N')
    const wanted = rows.filter((row) => row.STATION === 'Test').toSorted((a, b) => a.N - b.N)
    expect(view.loaded).toBe(wanted.length)
    expect([...view]).toEqual(wanted)
    expect([view.at(0), view.at(-1), view.at(wanted.length)]).toEqual([wanted[0], wanted.at(-1), undefined])
    expect(view.slice(3, -3)).toEqual(wanted.slice(3, -3))
    expect(view.column('N').get(5)).toBe(wanted[5]!.N)
    expect(view.column('N').get(-1)).toBeUndefined()
    expect(view.columns).toEqual(['N', 'STATION', 'X'])
  })

  it('knows where its rows stand in its source', () => {
    const view = list.sortBy('N', 'descending')
    expect(list.at(view.sourceIndex(0))).toEqual(view.at(0))
    expect(view.sourceIndex(1000)).toBe(-1)
  })
})

describe('work in slices', () => {
  it('gives what the blocking methods give', async () => {
    expect((await filterInSlices(list, (row) => row.N === 7)).toArray()).toEqual([rows[1]])
    expect((await sortInSlices(list, 'N', 'descending')).toArray()).toEqual(
      list.sortBy('N', 'descending').toArray(),
    )
  })

  it('finds text in any column or in those named, whatever its case', async () => {
    expect((await searchInSlices(list, 'tes')).loaded).toBe(334)
    expect((await searchInSlices(list, '999')).toArray()).toEqual(rows.filter((row) => row.N === 999))
    expect((await searchInSlices(list, '9', { columns: ['STATION', 'none'] })).loaded).toBe(0)
    expect((await searchInSlices(list, 'null')).loaded).toBe(0)
  })

  it('stops on abort, between two slices too', async () => {
    const controller = new AbortController()
    const found = filterInSlices(list, (_, i) => i === 300 && (controller.abort('enough'), true), {
      signal: controller.signal,
      sliceMs: 0,
    })
    await expect(found).rejects.toBe('enough')
    await expect(sortInSlices(list, 'N', 'ascending', { signal: AbortSignal.abort('early') })).rejects.toBe(
      'early',
    )
  })

  it('lets others work', async () => {
    let others = 0
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      others++
      channel.port2.postMessage(null)
    }
    channel.port2.postMessage(null)
    await sortInSlices(list, 'N', 'ascending', { sliceMs: 0 })
    channel.port1.close()
    expect(others).toBeGreaterThan(5)
  })
})
