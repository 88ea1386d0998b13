import { describe, expect, it } from 'vitest'
import { createTraceDecoder } from './columns/createTraceDecoder.js'
import { createEventReader } from './columns/createEventReader.js'
import { RecordList } from './RecordList.js'
import type { SortOrder } from './Row.js'
import { searchedRows } from './rowOrders.js'
import { rowsToBatch } from './rowsToBatch.js'
import { searchInSlices } from './workInSlices.js'

function listOf(rows: object[]) {
  return RecordList.empty().append(rowsToBatch(rows))
}

function sorted(cells: unknown[], order?: SortOrder, locale?: string) {
  return listOf(cells.map((A) => ({ A })))
    .sortBy('A', order, locale)
    .toArray()
    .map(({ A }) => A)
}

/** Rows as a server writes them, digits and all. */
function decodedRows(json: string): RecordList {
  const line = `{"type":"records","domain":"d","batch":0,"count":${JSON.parse(json).length},"data":${json}}\n`
  const toEvents = createEventReader()
  let list = RecordList.empty()
  for (const decoded of createTraceDecoder(2 ** 20).lines(new TextEncoder().encode(line))) {
    for (const event of decoded ? toEvents(decoded) : []) {
      if (event.type === 'records') list = list.append(event.rows)
    }
  }
  return list
}

describe('sorted rows', () => {
  it('have LOT-9 before LOT-10', () => {
    const lots = ['LOT-10', 'LOT-9', 'LOT-1', 'lot-2', 'LOT-09', 'LOT-10-2', 'LOT-10-10']
    expect(sorted(lots)).toEqual(['LOT-1', 'lot-2', 'LOT-09', 'LOT-9', 'LOT-10', 'LOT-10-2', 'LOT-10-10'])
  })

  it('take wholly numeric text for numbers, among numbers too, and other text after them', () => {
    expect(sorted(['10', '9', 'A1', '-3', 2.5, '1.25', '1.5', 8])).toEqual([
      '-3',
      '1.25',
      '1.5',
      2.5,
      8,
      '9',
      '10',
      'A1',
    ])
    // No number, but a lot.
    expect(sorted(['3E1', '4', '100'])).toEqual(['4', '100', '3E1'])
  })

  it('tell equals by code unit', () => {
    expect(sorted(['1', '01', '1.0', 'a1', 'a01'])).toEqual(['01', '1', '1.0', 'a01', 'a1'])
  })

  it('have rows without a value last, in either order', () => {
    expect(sorted([null, 'B', undefined, 1, 'A'])).toEqual([1, 'A', 'B', null, undefined])
    expect(sorted([null, 'B', undefined, 1, 'A'], 'descending')).toEqual(['B', 'A', 1, null, undefined])
  })

  it('have Chinese as the locale has it: by strokes or by sound', () => {
    const stations = ['測試', '包裝', '成型', '一站', '焊接']
    expect(sorted(stations, 'ascending', 'zh-Hant-TW')).toEqual(['一站', '包裝', '成型', '焊接', '測試'])
    expect(sorted(stations, 'ascending', 'zh-Hans-CN')).toEqual(
      stations.toSorted(new Intl.Collator('zh-Hans-CN').compare),
    )
    expect(sorted(['測試10', '測試9'], 'ascending', 'zh-Hant-TW')).toEqual(['測試9', '測試10'])
  })

  it('have ids beyond 2^53 by value, and each for itself', () => {
    const ids = [
      '9007199254740995',
      '9007199254740993',
      '9007199254740994',
      '12',
      '100000000000000000000',
      '1e400',
      '-9007199254740993',
    ]
    const list = decodedRows(`[${ids.map((ID) => `{"ID":${ID}}`).join()}]`)
    const column = list.sortBy('ID').column('ID')
    expect(Array.from({ length: ids.length }, (_, i) => column.get(i))).toEqual([
      '-9007199254740993',
      12,
      '9007199254740993',
      '9007199254740994',
      '9007199254740995',
      '100000000000000000000',
      '1e400',
    ])
    expect(list.column('ID').countBy().size).toBe(7)
    expect(list.column('ID').minMax()).toEqual({ min: '-9007199254740993', max: '1e400' })
    expect(list.filter(({ ID }) => ID === '9007199254740993').loaded).toBe(1)
  })

  it('of times written as RFC 1123 go by time, not by weekday', () => {
    const times = [
      'Wed, 03 Jun 2026 07:15:00 GMT',
      'Fri, 05 Jun 2026 07:15:00 GMT',
      'Sun, 31 May 2026 23:00:00 GMT',
    ]
    expect(sorted([null, ...times])).toEqual([times[2], times[0], times[1], null])
    // Both forms in one column, and a column that is not of times alone.
    expect(sorted([...times, '2026-06-04 00:00:00.5'])).toEqual([
      times[2],
      times[0],
      '2026-06-04 00:00:00.5',
      times[1],
    ])
    expect(sorted([...times, 'n/a'])).toEqual([times[1], 'n/a', times[2], times[0]])
  })
})

describe('searched rows', () => {
  const rows = listOf([
    { EQ: 'GYHT-01', T: '2026-05-31 08:00:00', NOTE: 'Café\u00a0au lait' },
    { EQ: 'GYHT-02', T: '2026-06-01 08:00:00', NOTE: 'Cafe\u0301 noir' },
    { EQ: 'ＧＷＢＤ', T: 'Sun, 31 May 2026 09:00:00 GMT', NOTE: 'Straße "A" 31' },
    { EQ: null, T: null, NOTE: { deep: ['測試'] } },
  ])

  async function found(text: string) {
    const view = await searchInSlices(rows, text)
    return Array.from({ length: view.loaded }, (_, i) => view.sourceIndex(i))
  }

  it.each([
    ['words of one row, in any column and any order', '2026-05-31 gyht', [0]],
    ['all words, not some', 'gyht nowhere', []],
    ['accents written as two characters', 'café', [0, 1]],
    ['accents written as two characters, asked for so', 'CAFE\u0301', [0, 1]],
    ['a no-break space by a plain one', '"au lait"', [0]],
    ['a plain space by a no-break one', '"café\u00a0au"', [0]],
    ['a phrase only as it stands', '"lait au"', []],
    ['a phrase that is not closed', '"café noir', [1]],
    ['words where quotes are those of a text program', '“café au” gyht', [0]],
    ['full-width letters', 'gwbd', [2]],
    ['half-width letters by full-width ones', 'ｇｙｈｔ－０２', [1]],
    ['ß by ss', 'STRASSE', [2]],
    ['a time as a table shows it', '2026-05-31', [0, 2]],
    ['a time as the server wrote it', '"31 May 2026"', [2]],
    ['nested values', '測試', [3]],
    ['everything where nothing is asked for', ' "" ', [0, 1, 2, 3]],
  ])('finds %s', async (_, text, indices) => expect(await found(text)).toEqual(indices))

  it('finds text anywhere in a cell of megabytes, and stops on the way', async () => {
    const filler = 'ｘe\u0301 '.repeat(50_000)
    for (const at of [0, 19_990, 39_999, 60_000, filler.length]) {
      const rows = listOf([
        { LOG: filler },
        { LOG: `${filler.slice(0, at)} Ｎeedle  Ｈay ${filler.slice(at)}` },
      ])
      const view = await searchInSlices(rows, '"needle hay"')
      expect(view.toArray()).toEqual([rows.at(1)])
    }
    let pauses = 0
    const work = searchedRows(listOf([{ LOG: filler }]), 'nowhere', ['LOG'])
    while (!work.next().done) pauses++
    expect(pauses).toBeGreaterThan(10)
  })
})
