import { describe, expect, it } from 'vitest'
import { RecordList } from './RecordList.js'
import { rowsToBatch } from './rowsToBatch.js'

function listOf(...batches: Record<string, unknown>[][]) {
  return batches.reduce((list, rows) => list.append(rowsToBatch(rows)), RecordList.empty())
}

const numbers = listOf([{ n: 0 }, { n: 1 }], [], [{ n: 2 }], [{ n: 3 }, { n: 4 }, { n: 5 }])

describe('RecordList', () => {
  it('finds each row in its batch', () => {
    expect(numbers.loaded).toBe(6)
    for (let i = 0; i < 6; i++) expect(numbers.at(i)).toEqual({ n: i })
    expect(numbers.at(-1)).toEqual({ n: 5 })
    for (const none of [6, -7, 0.5, NaN, Infinity]) expect(numbers.at(none)).toBeUndefined()
    expect(RecordList.empty().at(0)).toBeUndefined()
  })

  it('slices as an array does', () => {
    const array = numbers.toArray()
    expect(array).toEqual([...numbers])
    const ends = [undefined, -99, -6, -2, 0, 1, 2, 3.7, 5, 6, 99, NaN]
    for (const from of ends) {
      for (const to of ends) {
        expect(numbers.slice(from, to), `${from} to ${to}`).toEqual(array.slice(from, to))
      }
    }
  })

  it('yields a new list for each batch and leaves the old one as it was', () => {
    const before = listOf([{ n: 0 }])
    const after = before.append(rowsToBatch([{ n: 1 }]))
    expect(after).not.toBe(before)
    expect([before.loaded, after.loaded]).toEqual([1, 2])
    expect(before.at(1)).toBeUndefined()
  })

  it('lets two lists come of one', () => {
    const first = listOf([{ n: 0 }])
    const [a, b] = [first.append(rowsToBatch([{ a: 1 }])), first.append(rowsToBatch([{ b: 2 }, { b: 3 }]))]
    expect([first.toArray(), a.toArray(), b.toArray()]).toEqual([
      [{ n: 0 }],
      [{ n: 0 }, { a: 1 }],
      [{ n: 0 }, { b: 2 }, { b: 3 }],
    ])
    expect([first.columns, a.columns, b.columns]).toEqual([['n'], ['n', 'a'], ['n', 'b']])
    expect([...a.column('a').countBy()]).toEqual([
      [undefined, 1],
      [1, 1],
    ])
  })

  it('looks at the columns of each batch once, however many lists come of it', () => {
    const asked: number[] = []
    let list = RecordList.empty()
    for (let i = 0; i < 100; i++) {
      const batch = rowsToBatch([{ n: i }])
      list = list.append({
        length: 1,
        at: (row) => batch.at(row),
        value: (row, column) => batch.value(row, column),
        cells: (column) => batch.cells(column),
        get columns() {
          asked.push(i)
          return batch.columns
        },
      })
      expect(list.columns).toEqual(['n'])
    }
    expect(asked).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  it('keeps its rows when the total becomes known', () => {
    const list = listOf([{ n: 0 }]).withTotal(10)
    expect([list.loaded, list.total, list.at(0)]).toEqual([1, 10, { n: 0 }])
    expect(RecordList.empty(3).total).toBe(3)
  })

  it('shows a column over all batches', () => {
    const list = listOf(
      [
        { g: 'a', n: 2 },
        { g: 'b', n: 1 },
      ],
      [{ g: 'a', n: 5 }, { n: 'x' }],
    )
    const column = list.column('n')
    expect([column.length, column.get(2), column.get(4), column.get(-1)]).toEqual([
      4,
      5,
      undefined,
      undefined,
    ])
    expect(list.column('g').distinct()).toEqual(['a', 'b', undefined])
    expect(list.column('g').countBy()).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
        [undefined, 1],
      ]),
    )
    expect(column.sumBy('g')).toEqual(
      new Map([
        ['a', 7],
        ['b', 1],
        [undefined, 0],
      ]),
    )
    expect(column.minMax()).toEqual({ min: 1, max: 5 })
    expect(list.column('g').minMax()).toEqual({ min: 'a', max: 'b' })
    expect(list.column('none').minMax()).toBeNull()
  })

  it('treats a column called __proto__ like every other', () => {
    const list = listOf([JSON.parse('{"__proto__": 1}')], [{}])
    expect(list.column('__proto__').get(0)).toBe(1)
    expect(list.column('__proto__').get(1)).toBeUndefined()
    expect(list.column('toString').distinct()).toEqual([undefined])
  })
})

describe('rowsToBatch', () => {
  it('names every column that any row has', () => {
    expect(rowsToBatch([{ a: 1 }, { b: 2, a: 3 }]).columns).toEqual(['a', 'b'])
  })

  it('refuses rows that are not objects', () => {
    for (const row of [null, 1, 'x', []]) {
      expect(() => rowsToBatch([{}, row])).toThrow(expect.objectContaining({ code: 'UNEXPECTED_RESPONSE' }))
    }
  })
})
