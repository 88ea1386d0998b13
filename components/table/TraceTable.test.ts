import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { decodeTraceStream } from '../../src/records/decodeTraceStream.js'
import { RecordList } from '../../src/records/RecordList.js'
import { rowsToBatch } from '../../src/records/rowsToBatch.js'
import TraceTable from './TraceTable.vue'

const VIEWPORT_PX = 280
const ROW_PX = 28
const OVERSCAN = 4

/** A list of any length that makes its rows when they are read. */
function listOf(loaded: number) {
  const at = (i: number) => ({ CONTAINERID: `C${i}`, QTY: i })
  return {
    loaded,
    total: loaded,
    at,
    slice: (from: number, to: number) =>
      Array.from({ length: Math.max(0, to - from) }, (_, i) => at(from + i)),
  }
}

function mountTable(props: Record<string, unknown>) {
  return mount(TraceTable, {
    props: { label: 'materials', rows: listOf(0), ...props },
    attachTo: document.body,
  })
}

function grid(table: ReturnType<typeof mountTable>) {
  return table.get('[role="grid"]')
}

/** In the order they are seen in: rows that go by stand in the document as it comes. */
function shownIds(table: ReturnType<typeof mountTable>) {
  return table
    .findAll('[role="row"]:has([role="gridcell"])')
    .sort((a, b) => Number(a.attributes('aria-rowindex')) - Number(b.attributes('aria-rowindex')))
    .map((row) => row.get('[aria-colindex="1"]').text())
}

/** Rows of a first screen: those in view and beyond its edge. */
const SCREEN_ROWS = VIEWPORT_PX / ROW_PX + OVERSCAN

/** Until so many rows are drawn: some come in each frame. */
async function framesDrawn(table: ReturnType<typeof mountTable>, rows = SCREEN_ROWS) {
  await vi.waitUntil(() => shownIds(table).length === rows, { timeout: 5_000 })
}

/** Frames come when they are asked for. */
function ownFrames() {
  let waiting: FrameRequestCallback[] = []
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => waiting.push(callback))
  vi.stubGlobal('cancelAnimationFrame', () => {})
  return async () => {
    const due = waiting
    waiting = []
    for (const callback of due) callback(0)
    await nextTick()
  }
}

/** Frames in which a table at rest has drawn its first screen. */
const FRAMES = 8

/** How many rows more each of some frames shows. */
async function rowsAdded(
  table: ReturnType<typeof mountTable>,
  frames: number,
  drawFrame: () => Promise<void>,
) {
  const added: number[] = []
  for (let frame = 0; frame < frames; frame++) {
    const before = shownIds(table).length
    await drawFrame()
    added.push(shownIds(table).length - before)
  }
  return added
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** jsdom has no layout: the viewport is 280 px high, and resizing is told once, when observed. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(VIEWPORT_PX)
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(private readonly callback: () => void) {}
      observe() {
        this.callback()
      }
      disconnect() {}
      unobserve() {}
    },
  )
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  document.body.innerHTML = ''
})

describe('TraceTable', () => {
  it('cuts a text, and says it whole to the pointer, only where the cell is too narrow', async () => {
    const comment = 'a comment that is longer than any column is wide'
    const rows = RecordList.empty().append(rowsToBatch([{ ID: 'C1', NOTE: comment }]))
    const table = mountTable({ rows })
    await framesDrawn(table, 1)
    const cells = table.findAll('[role="gridcell"]')
    expect(cells.map((cell) => cell.attributes('title'))).toEqual([undefined, comment])
    expect(cells.map((cell) => cell.classes('trace-table__cell--cut'))).toEqual([false, true])
  })

  it('is headed and written as the server describes its columns, in the language of the page', async () => {
    const rows = RecordList.empty().append(
      rowsToBatch([{ LOT: '1234567', QTY: 1234567.5, RATE: 4.12, OTHER: 1234567 }]),
    )
    const described = [
      { name: 'LOT', kind: 'id' as const, title: { en: 'Lot', 'zh-Hant-TW': '批號' } },
      { name: 'QTY', kind: 'quantity' as const, title: { en: 'Input' }, unit: 'pcs' },
      { name: 'RATE', kind: 'rate' as const },
      { name: 'GONE', kind: 'time' as const },
    ]
    const table = mountTable({ rows, described })
    await framesDrawn(table, 1)
    const texts = (role: string) => table.findAll(`[role="${role}"]`).map((each) => each.text())
    expect(texts('columnheader')).toEqual(['Lot', 'Input (pcs)', 'RATE', 'OTHER'])
    expect(texts('gridcell')).toEqual(['1234567', '1,234,567.5', '4.12 %', '1234567'])
    await table.setProps({ locale: 'zh-Hant-TW', headings: { RATE: '不良率' } })
    expect(texts('columnheader')).toEqual(['批號', 'Input (pcs)', '不良率', 'OTHER'])
  })

  it('keeps the elements of rows that stay in view, and gives those of rows that leave to rows that come', async () => {
    const table = mountTable({ rows: listOf(1000) })
    await framesDrawn(table)
    const elements = () =>
      new Map(
        table
          .findAll('[role="row"][aria-rowindex]')
          .map((row) => [row.attributes('aria-rowindex'), row.element]),
      )
    const before = elements()
    const scroller = grid(table)
    scroller.element.scrollTop = 10 * ROW_PX
    await scroller.trigger('scroll')
    const after = elements()
    const stayed = [...before.keys()].filter((index) => after.has(index))
    expect(stayed.length).toBeGreaterThan(3)
    for (const index of stayed) expect(after.get(index)).toBe(before.get(index))
    const reused = [...after.values()].filter((element) => [...before.values()].includes(element))
    expect(reused.length).toBeGreaterThan(stayed.length)
  })

  it('leaves rows that go by where they are in the document, and brings them into order once they rest', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const table = mountTable({ rows: listOf(1000) })
    await framesDrawn(table)
    const rowElements = () => table.findAll('[role="row"]').map((row) => row.element)
    const before = rowElements()
    grid(table).element.scrollTop = 10 * ROW_PX
    await grid(table).trigger('scroll')
    const after = rowElements()
    const kept = before.filter((element) => after.includes(element))
    expect(after.filter((element) => kept.includes(element))).toEqual(kept)
    await vi.advanceTimersByTimeAsync(200)
    const indices = table.findAll('[role="row"]').map((row) => Number(row.attributes('aria-rowindex')))
    expect(indices).toEqual([...indices].sort((a, b) => a - b))
    expect(rowElements()).not.toEqual(after)
  })

  it('draws its headings first, and a first screen of rows over some frames', async () => {
    const drawFrame = ownFrames()
    const table = mountTable({ rows: listOf(1000) })
    const headings = table.findAll('[role="columnheader"]').map((heading) => heading.text())
    expect(headings).toEqual(['CONTAINERID', 'QTY'])
    expect(shownIds(table)).toEqual([])

    const added = await rowsAdded(table, FRAMES, drawFrame)
    expect(sum(added)).toBe(SCREEN_ROWS)
    // Some rows in each frame, and never most of them in one.
    expect(Math.min(...added)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...added)).toBeLessThan(SCREEN_ROWS / 2)
  })

  it('adds rows to a first screen more slowly while they go by, but adds some', async () => {
    const drawFrame = ownFrames()
    const table = mountTable({ rows: listOf(1000) })
    const added = await rowsAdded(table, FRAMES, async () => {
      await grid(table).trigger('wheel', { deltaY: 10 * ROW_PX })
      await drawFrame()
    })
    expect(sum(added)).toBeGreaterThan(0)
    expect(sum(added)).toBeLessThan(SCREEN_ROWS)
    // A frame that moves rows is followed by one that adds some: no two in a row add.
    expect(added.some((rows, i) => rows > 0 && added[i + 1]! > 0)).toBe(false)
  })

  it('draws only the rows in view, of however many there are', async () => {
    const table = mountTable({ rows: listOf(2_280_000) })
    await nextTick()
    expect(shownIds(table).length).toBeLessThan(VIEWPORT_PX / ROW_PX + 20)
    await framesDrawn(table)
    expect(shownIds(table)[0]).toBe('C0')
    expect(table.get('[role="grid"]').attributes('aria-rowcount')).toBe('2280001')
  })

  describe('with more columns than are in view', () => {
    const COLUMN_PX = 100
    const columns = Array.from({ length: 12 }, (_, i) => `COLUMN${String(i).padStart(2, '0')}`)
    const rows = RecordList.empty().append(
      rowsToBatch([Object.fromEntries(columns.map((name, i) => [name, `cell ${String(i)}`]))]),
    )

    async function mountWide() {
      vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(3 * COLUMN_PX)
      vi.spyOn(HTMLElement.prototype, 'scrollWidth', 'get').mockReturnValue(columns.length * COLUMN_PX)
      const table = mountTable({ rows })
      await framesDrawn(table, 1)
      return table
    }

    function cells(table: ReturnType<typeof mountTable>) {
      return table.findAll('[role="gridcell"]').map((cell) => Number(cell.attributes('aria-colindex')))
    }

    it('draws those in view and one beyond each edge, in the places they have among all', async () => {
      const table = await mountWide()
      expect(table.findAll('[role="columnheader"]')).toHaveLength(12)
      expect(cells(table)).toEqual([1, 2, 3, 4])
      grid(table).element.scrollLeft = 5.5 * COLUMN_PX
      await grid(table).trigger('scroll')
      expect(cells(table)).toEqual([5, 6, 7, 8, 9, 10])
      expect(table.get('[role="gridcell"]').text()).toBe('cell 4')
      const [head, row] = table.findAll<HTMLElement>('[role="row"]').map(({ element }) => element.style)
      const widthOf = (text: string) => sum(text.split(' ').map((width) => parseFloat(width)))
      expect(widthOf(row!.gridTemplateColumns) + widthOf(row!.paddingInline)).toBe(
        widthOf(head!.gridTemplateColumns),
      )
      expect(parseFloat(row!.paddingInline)).toBe(widthOf(head!.gridTemplateColumns) / 3)
    })

    it('counts them from the right where lines run that way', async () => {
      const table = await mountWide()
      grid(table).element.scrollLeft = -9 * COLUMN_PX
      await grid(table).trigger('scroll')
      expect(cells(table)).toEqual([9, 10, 11, 12])
    })

    it.each([
      ['ltr', 1],
      ['rtl', -1],
    ])('brings one into view that the keyboard goes to: %s', async (direction, sign) => {
      const table = await mountWide()
      const scroller = grid(table).element as HTMLElement
      scroller.style.direction = direction
      const activeCell = () =>
        document.getElementById(grid(table).attributes('aria-activedescendant') ?? '')?.textContent?.trim()
      await grid(table).trigger('keydown', { key: 'End' })
      expect(scroller.scrollLeft).toBe(sign * 9 * COLUMN_PX)
      expect(activeCell()).toBe('cell 11')
      scroller.scrollLeft = 0
      await grid(table).trigger('scroll')
      expect(activeCell()).toBeUndefined()
      await grid(table).trigger('keydown', { key: sign > 0 ? 'ArrowLeft' : 'ArrowRight' })
      expect(scroller.scrollLeft).toBe(sign * 8 * COLUMN_PX)
      expect(activeCell()).toBe('cell 10')
    })
  })

  it('says why there is nothing to see', async () => {
    const table = mountTable({ rows: RecordList.empty() })
    expect(grid(table).text()).toContain('Rows appear here while they arrive.')
    await table.setProps({ rows: RecordList.empty(0) })
    expect(grid(table).text()).toContain('No rows.')
  })

  it.each([
    ['idle', 'Rows appear here while they arrive.', '資料到達時會立即顯示於此。'],
    ['running', 'Rows appear here while they arrive.', '資料到達時會立即顯示於此。'],
    ['complete', 'No rows.', '沒有資料。'],
    ['partial', 'No rows arrived.', '沒有收到資料。'],
    ['failed', 'The trace failed before a row arrived.', '查詢失敗，沒有收到資料。'],
    ['aborted', 'The trace was stopped before a row arrived.', '查詢已停止，沒有收到資料。'],
  ] as const)('promises rows only while they may come: %s', async (status, english, chinese) => {
    const table = mountTable({ rows: RecordList.empty(), status })
    expect(table.get('.trace-table__empty').text()).toBe(english)
    await table.setProps({ locale: 'zh-Hant-TW' })
    expect(table.get('.trace-table__empty').text()).toBe(chinese)
    await table.setProps({ locale: 'en', rows: RecordList.empty(0) })
    expect(table.get('.trace-table__empty').text()).toBe('No rows.')
  })

  it('shows rows that a new list brings', async () => {
    const first = RecordList.empty().append(rowsToBatch([{ CONTAINERID: 'C0' }]))
    const table = mountTable({ rows: first })
    await framesDrawn(table, 1)
    await table.setProps({ rows: first.append(rowsToBatch([{ CONTAINERID: 'C1' }])) })
    expect(shownIds(table)).toEqual(['C0', 'C1'])
  })

  it('reaches the last row of a list taller than any element may be, by keyboard', async () => {
    const table = mountTable({ rows: listOf(2_280_000) })
    await framesDrawn(table)
    await grid(table).trigger('keydown', { key: 'End', ctrlKey: true })
    await nextTick()
    expect(shownIds(table).at(-1)).toBe('C2279999')
    expect(
      document.getElementById(grid(table).attributes('aria-activedescendant')!)?.textContent?.trim(),
    ).toBe('2279999')
  })

  it('moves by exact pixels on the wheel where the scroll bar is scaled', async () => {
    const table = mountTable({ rows: listOf(2_280_000) })
    await framesDrawn(table)
    await grid(table).trigger('keydown', { key: 'PageDown' })
    for (let i = 0; i < 10; i++) await grid(table).trigger('wheel', { deltaY: 100 })
    // 1,000 px are 35.7 rows; ten steps of a scaled scroll bar would have been eight times as far.
    const first = Number(shownIds(table)[0]!.slice(1))
    expect(first).toBeGreaterThan(20)
    expect(first).toBeLessThan(40)
  })

  it('moves its rows on the wheel itself while rows come, and leaves it to the browser once they are there', async () => {
    const table = mountTable({ rows: listOf(1000) })
    await framesDrawn(table)
    const turn = new WheelEvent('wheel', { deltaY: 20 * ROW_PX, cancelable: true })
    grid(table).element.dispatchEvent(turn)
    await nextTick()
    expect(turn.defaultPrevented).toBe(true)
    expect(shownIds(table)[OVERSCAN]).toBe('C20')

    await table.setProps({ status: 'complete' })
    const later = new WheelEvent('wheel', { deltaY: 20 * ROW_PX, cancelable: true })
    grid(table).element.dispatchEvent(later)
    await nextTick()
    expect(later.defaultPrevented).toBe(false)
    expect(shownIds(table)[OVERSCAN]).toBe('C20')
  })

  it('leaves the wheel to the page where there is no way to scroll, once it has come to rest', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const table = mountTable({ rows: listOf(100) })
    await framesDrawn(table)
    const isTaken = async (deltaY: number) => {
      const turn = new WheelEvent('wheel', { deltaY, cancelable: true })
      grid(table).element.dispatchEvent(turn)
      await nextTick()
      return turn.defaultPrevented
    }
    expect(await isTaken(-100)).toBe(false)
    expect(await isTaken(10_000)).toBe(true)
    expect(await isTaken(100)).toBe(true)
    await vi.advanceTimersByTimeAsync(200)
    expect(await isTaken(100)).toBe(false)
  })

  it.each([
    ['zooms', { ctrlKey: true }],
    ['goes sideways', { shiftKey: true }],
    ['scrolls already', { cancelable: false }],
  ])('leaves a wheel to the browser that %s', async (_, init) => {
    const table = mountTable({ rows: listOf(1000) })
    await framesDrawn(table)
    grid(table).element.dispatchEvent(new WheelEvent('wheel', { deltaY: 280, cancelable: true, ...init }))
    await nextTick()
    expect(shownIds(table)[0]).toBe('C0')
  })

  it.each([
    ['pixels', WheelEvent.DOM_DELTA_PIXEL, 280, 'C10'],
    ['lines', WheelEvent.DOM_DELTA_LINE, 6, 'C6'],
    ['pages', WheelEvent.DOM_DELTA_PAGE, 2, 'C20'],
  ])('takes a wheel that counts in %s', async (_, deltaMode, deltaY, first) => {
    const table = mountTable({ rows: listOf(1000) })
    await framesDrawn(table)
    await grid(table).trigger('wheel', { deltaMode, deltaY, deltaX: 1 })
    expect(shownIds(table)[OVERSCAN]).toBe(first)
    expect(grid(table).element.scrollLeft).toBeGreaterThan(0)
  })

  it('stays at the end while rows arrive, until the reader leaves it', async () => {
    const table = mountTable({ rows: listOf(100), stickToEnd: true })
    await framesDrawn(table)
    await grid(table).trigger('keydown', { key: 'End', ctrlKey: true })
    await table.setProps({ rows: listOf(200) })
    await nextTick()
    await nextTick()
    expect(shownIds(table).at(-1)).toBe('C199')

    await grid(table).trigger('keydown', { key: 'Home', ctrlKey: true })
    await table.setProps({ rows: listOf(300) })
    await nextTick()
    expect(shownIds(table)[0]).toBe('C0')
  })

  it('keeps its columns while rows arrive, so that nothing shifts', async () => {
    const table = mountTable({ rows: listOf(10) })
    const before = table.get('[role="row"]').attributes('style')
    const longer = {
      ...listOf(20),
      slice: () => [{ CONTAINERID: 'a much longer identifier', QTY: 1, EXTRA: 1 }],
    }
    await table.setProps({ rows: longer })
    expect(table.get('[role="row"]').attributes('style')).toBe(before)
  })

  it('shows nulls as nothing and nested values as JSON', async () => {
    const table = mountTable({
      rows: RecordList.empty().append(rowsToBatch([{ A: null, B: { c: 1 }, D: '晶片破裂' }])),
    })
    await framesDrawn(table, 1)
    expect(table.findAll('[role="gridcell"]').map((cell) => cell.text())).toEqual(['', '{"c":1}', '晶片破裂'])
  })

  it('sorts by a heading pressed with the mouse or the keyboard, and back', async () => {
    const rows = RecordList.empty().append(
      rowsToBatch(['C', 'A', 'B'].map((id) => ({ CONTAINERID: id, QTY: 1 }))),
    )
    const table = mountTable({ rows })
    const heading = () => table.get('[role="columnheader"]')
    await heading().trigger('click')
    await expect.poll(() => shownIds(table)).toEqual(['A', 'B', 'C'])
    expect(heading().attributes('aria-sort')).toBe('ascending')

    // Still on the heading: pressed again by key.
    await grid(table).trigger('keydown', { key: 'Enter' })
    await expect.poll(() => shownIds(table)).toEqual(['C', 'B', 'A'])
    await grid(table).trigger('keydown', { key: ' ' })
    expect(shownIds(table)).toEqual(['C', 'A', 'B'])
    expect(heading().attributes('aria-sort')).toBe('none')
  })

  it('reaches the headings with the arrow keys', async () => {
    const table = mountTable({ rows: listOf(3) })
    await nextTick()
    await grid(table).trigger('keydown', { key: 'ArrowUp' })
    await grid(table).trigger('keydown', { key: 'ArrowRight' })
    const active = document.getElementById(grid(table).attributes('aria-activedescendant')!)
    expect(active?.textContent).toContain('QTY')
  })

  it('filters by text and by values, and takes in rows that arrive meanwhile', async () => {
    const first = RecordList.empty().append(
      rowsToBatch(['晶片破裂', '焊線脫落', 'Open'].map((reason) => ({ REASON: reason, LOT: 'L1' }))),
    )
    const table = mountTable({ rows: first, filterable: true })
    await table.get('input').setValue('晶片')
    // The row that is found is also the first that is drawn: the count tells that the others are gone.
    await expect.poll(() => table.text()).toContain('1 of 3 rows match')
    await expect.poll(() => shownIds(table)).toEqual(['晶片破裂'])

    await table.setProps({ rows: first.append(rowsToBatch([{ REASON: '晶片崩邊', LOT: 'L2' }])) })
    await expect.poll(() => shownIds(table)).toEqual(['晶片破裂', '晶片崩邊'])
    await table.setProps({ where: { LOT: ['L2'] } })
    await expect.poll(() => shownIds(table)).toEqual(['晶片崩邊'])
    await table.get('input').setValue('nowhere')
    await expect.poll(() => table.text()).toContain('No row matches the filter.')
  })

  describe('with the rows of a stranger', () => {
    const listOfRows = (...batches: object[][]) =>
      batches.reduce((list, rows) => list.append(rowsToBatch(rows)), RecordList.empty())

    function headings(table: ReturnType<typeof mountTable>) {
      return table.findAll('[role="columnheader"]').map((heading) => heading.text())
    }

    function cells(table: ReturnType<typeof mountTable>) {
      return table.findAll('[role="gridcell"]').map((cell) => cell.text())
    }

    it('shows columns that are called as what every object has, and their absence', async () => {
      const named = JSON.parse('{"ID":"C0","constructor":"A","__proto__":"B","toString":"C"}') as object
      const table = mountTable({
        rows: listOfRows([named, { ID: 'C1' }]),
        headings: { ID: 'Lot' },
        filterable: true,
        where: { ID: ['C0', 'C1'] },
      })
      await expect.poll(() => cells(table)).toEqual(['C0', 'A', 'B', 'C', 'C1', '', '', ''])
      expect(headings(table)).toEqual(['Lot', 'constructor', '__proto__', 'toString'])
      await table.findAll('[role="columnheader"]')[2]!.trigger('click')
      await table.get('input').setValue('c0')
      await expect.poll(() => cells(table)).toEqual(['C0', 'A', 'B', 'C'])
    })

    it('puts columns that first appear after row 24 at the end, and leaves the others where they are', async () => {
      const first = Array.from({ length: 30 }, (_, i) => ({ ID: `C${i}`, QTY: 1 }))
      const list = listOfRows(first)
      const table = mountTable({ rows: list })
      await framesDrawn(table)
      const widths = () => table.get<HTMLElement>('[role="row"]').element.style.gridTemplateColumns.split(' ')
      const before = widths()
      const late = [
        { ID: 'C30', QTY: 1 },
        { NOTE: 'a note that needs some room', ID: 'C31' },
      ]
      await table.setProps({ rows: list.append(rowsToBatch(late)) })
      expect(headings(table)).toEqual(['ID', 'QTY', 'NOTE'])
      expect(widths().slice(0, 2)).toEqual(before)
      expect(parseInt(widths()[2]!)).toBeGreaterThan(25)
      await grid(table).trigger('keydown', { key: 'End', ctrlKey: true })
      await nextTick()
      expect(cells(table)).toContain('a note that needs some room')
    })

    it('shows another list in place of the first', async () => {
      const lots = listOfRows(Array.from({ length: 100 }, (_, i) => ({ LOT: `L${i}`, QTY: i })))
      const table = mountTable({ rows: lots })
      await framesDrawn(table)
      await table.get('[role="columnheader"]').trigger('click')
      await grid(table).trigger('keydown', { key: 'End', ctrlKey: true })
      await table.setProps({ rows: listOfRows([{ MACHINE: 'GWBD-0022', STATION: '測試' }]) })
      await expect.poll(() => cells(table)).toEqual(['GWBD-0022', '測試'])
      expect(headings(table)).toEqual(['MACHINE', 'STATION'])
      expect(table.find('[aria-sort="ascending"]').exists()).toBe(false)
      expect(grid(table).element.scrollTop).toBe(0)
    })

    it.each([
      ['as high as its rows', 1000],
      ['higher than an element may be', 2_280_000],
    ])('keeps its rows where they are when they become higher, in a list that is %s', async (_, size) => {
      const table = mountTable({ rows: listOf(size), status: 'complete' })
      await framesDrawn(table)
      for (let page = 0; page < 30; page++) await grid(table).trigger('keydown', { key: 'PageDown' })
      await nextTick()
      const firstInView = () => shownIds(table)[OVERSCAN]
      const before = firstInView()
      await table.setProps({ rowHeightPx: 2 * ROW_PX })
      await nextTick()
      expect(firstInView()).toBe(before)
      const spacer = table.get<HTMLElement>('.trace-table__spacer').element.style
      expect(parseFloat(spacer.height)).toBe(Math.min(size * 2 * ROW_PX, 8_000_000))
      const blockTop = parseFloat(
        /[-\d.]+/.exec(table.get<HTMLElement>('.trace-table__block').element.style.transform)![0],
      )
      const scrollTop = grid(table).element.scrollTop
      for (const row of table.findAll<HTMLElement>('[role="row"]:has([role="gridcell"])')) {
        const offset = Number(row.attributes('aria-rowindex')) - 2 - Number(before!.slice(1))
        const { top, height } = row.element.style
        expect(height).toBe(`${2 * ROW_PX}px`)
        // Below the first row in view, which may begin above it by less than its height.
        const hiddenPx = scrollTop + offset * 2 * ROW_PX - (blockTop + parseFloat(top))
        expect(hiddenPx).toBeGreaterThanOrEqual(0)
        expect(hiddenPx).toBeLessThan(2 * ROW_PX)
      }
    })

    it.each([
      ['Alt', { altKey: true }],
      ['Meta', { metaKey: true }],
      ['Ctrl and Shift', { ctrlKey: true, shiftKey: true }],
    ])('leaves keys to the browser that are pressed with %s', async (_, modifiers) => {
      const table = mountTable({ rows: listOf(100) })
      await framesDrawn(table)
      for (const key of [
        'ArrowUp',
        'ArrowDown',
        'ArrowLeft',
        'ArrowRight',
        'Home',
        'End',
        'PageDown',
        'PageUp',
        'Enter',
        ' ',
      ]) {
        const press = new KeyboardEvent('keydown', { key, cancelable: true, ...modifiers })
        grid(table).element.dispatchEvent(press)
        expect(press.defaultPrevented, key).toBe(false)
      }
      await nextTick()
      expect(shownIds(table)[0]).toBe('C0')
    })

    it('puts a bounded part of a text of megabytes into the page, and opens all of it by key', async () => {
      const log = '測試 line \n'.repeat(200_000)
      const deep = { steps: Array.from({ length: 50_000 }, (_, i) => ({ i })) }
      const table = mountTable({ rows: listOfRows([{ ID: 'C0', LOG: log, DEEP: deep }]), locale: 'en' })
      await framesDrawn(table, 1)
      expect(table.html().length).toBeLessThan(10_000)
      for (const cell of table.findAll('[role="gridcell"]').slice(1)) {
        expect(cell.attributes('title')!.length).toBeLessThanOrEqual(1001)
        expect(cell.text()).toMatch(/…$/)
      }
      const press = new KeyboardEvent('keydown', { key: 'Enter', cancelable: true })
      grid(table).element.dispatchEvent(press)
      await nextTick()
      expect([press.defaultPrevented, table.find('dialog').exists()]).toEqual([false, false])

      await grid(table).trigger('keydown', { key: 'ArrowRight' })
      await grid(table).trigger('keydown', { key: 'Enter' })
      const dialog = table.get('dialog')
      expect(dialog.get('h2').text()).toBe('LOG, row 1')
      const parts = dialog.findAll('.trace-text__part')
      expect(parts.map((part) => part.element.textContent).join('')).toBe(log)
      expect(Math.max(...parts.map((part) => part.element.textContent!.length))).toBeLessThanOrEqual(20_000)
      await dialog.get('button:last-of-type').trigger('click')
      expect(table.find('dialog').exists()).toBe(false)

      await grid(table).trigger('keydown', { key: 'ArrowRight' })
      await grid(table).trigger('keydown', { key: ' ' })
      expect(
        JSON.parse(
          table
            .findAll('.trace-text__part')
            .map((part) => part.element.textContent)
            .join(''),
        ),
      ).toEqual(deep)
    })

    it('opens a cell that is pressed again, and none whose text is all there', async () => {
      const table = mountTable({ rows: listOfRows([{ ID: 'C0', NOTE: 'x'.repeat(200) }]) })
      await framesDrawn(table, 1)
      for (const [place, opens] of [
        [0, false],
        [1, true],
      ] as const) {
        const cell = table.findAll('[role="gridcell"]')[place]!
        for (const isOpen of [false, opens]) {
          await cell.trigger('mousedown')
          await cell.trigger('click')
          expect(table.find('dialog').exists()).toBe(isOpen)
        }
      }
    })

    it('opens no cell at the first press, though the first cell is the active one', async () => {
      const table = mountTable({ rows: listOfRows([{ NOTE: 'x'.repeat(200) }]) })
      await framesDrawn(table, 1)
      const press = async () => {
        await table.get('[role="gridcell"]').trigger('mousedown')
        await table.get('[role="gridcell"]').trigger('click')
        return table.find('dialog').exists()
      }
      expect(await press()).toBe(false)
      expect(await press()).toBe(true)
    })

    it('leaves Enter and Space to a button in a slot, and Space to scroll where nothing opens', async () => {
      const slots = { empty: '<button>Try again</button>' }
      const empty = mount(TraceTable, {
        props: { label: 'x', rows: listOf(0) },
        slots,
        attachTo: document.body,
      })
      const onButton = new KeyboardEvent('keydown', { key: 'Enter', cancelable: true, bubbles: true })
      empty.get('[role="grid"] button').element.dispatchEvent(onButton)
      expect(onButton.defaultPrevented).toBe(false)
      const table = mountTable({ rows: listOf(100) })
      await framesDrawn(table)
      const onCell = new KeyboardEvent('keydown', { key: ' ', cancelable: true })
      grid(table).element.dispatchEvent(onCell)
      expect(onCell.defaultPrevented).toBe(false)
      empty.unmount()
    })

    it('does not open a time that is shown whole', async () => {
      const dates = ['Wed, 03 Jun 2026 07:15:00 GMT', 'Sun, 31 May 2026 23:00:00 GMT']
      const table = mountTable({ rows: listOfRows(dates.map((T) => ({ T }))) })
      await framesDrawn(table, 2)
      await grid(table).trigger('keydown', { key: 'Enter' })
      expect(table.find('dialog').exists()).toBe(false)
    })

    it('finds rows by words in several columns, and sorts as people count, in its own language', async () => {
      const rows = listOfRows([
        { EQ: 'GYHT-10', T: '2026-05-31', S: '測試' },
        { EQ: 'GYHT-9', T: '2026-05-31', S: '一站' },
        { EQ: 'GYHT-9', T: '2026-06-01', S: '包裝' },
      ])
      const table = mountTable({ rows, filterable: true, locale: 'zh-Hant-TW' })
      await table.get('input').setValue('GYHT 2026-05-31')
      await expect.poll(() => shownIds(table)).toEqual(['GYHT-10', 'GYHT-9'])
      await table.get('[role="columnheader"]').trigger('click')
      await expect.poll(() => shownIds(table)).toEqual(['GYHT-9', 'GYHT-10'])
      await table.get('input').setValue('')
      await table.findAll('[role="columnheader"]')[2]!.trigger('click')
      await expect.poll(() => cells(table).filter((_, i) => i % 3 === 2)).toEqual(['一站', '包裝', '測試'])
    })

    it('shows RFC 1123 dates as the time they are, where a whole column is such', async () => {
      const dates = ['Wed, 03 Jun 2026 07:15:00 GMT', 'Sun, 31 May 2026 23:00:00 GMT']
      const list = listOfRows([
        { WHEN: dates[0], NOTE: dates[0] },
        { WHEN: null, NOTE: 'n/a' },
        { WHEN: dates[1], NOTE: dates[1] },
      ])
      const table = mountTable({ rows: list })
      await framesDrawn(table, 3)
      expect(cells(table)).toEqual([
        '2026-06-03 07:15:00',
        dates[0],
        '',
        'n/a',
        '2026-05-31 23:00:00',
        dates[1],
      ])
      await table.get('[role="columnheader"]').trigger('click')
      await expect.poll(() => shownIds(table)).toEqual(['2026-05-31 23:00:00', '2026-06-03 07:15:00', ''])
      // Far down, a value that is no time.
      const more = Array.from({ length: 2_000 }, (_, i) => ({ WHEN: i < 1_999 ? dates[0] : 'unknown' }))
      await table.setProps({ rows: list.append(rowsToBatch(more)) })
      await expect.poll(() => shownIds(table)[0]).toBe(dates[1])
    })

    it('keeps ids beyond 2^53 as they were written', async () => {
      const line =
        '{"type":"records","domain":"d","batch":0,"count":2,"data":[{"ID":9007199254740993},{"ID":9007199254740992}]}'
      const rows = await decodedRows(line)
      const table = mountTable({
        rows,
        filterable: true,
        where: { ID: ['9007199254740992', '9007199254740993'] },
      })
      await table.get('[role="columnheader"]').trigger('click')
      await expect.poll(() => shownIds(table)).toEqual(['9007199254740992', '9007199254740993'])
      await table.get('input').setValue('993')
      await expect.poll(() => shownIds(table)).toEqual(['9007199254740993'])
    })

    it('draws the headings of a thousand columns as it draws their cells: in the same tracks, those in view', async () => {
      vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(500)
      vi.spyOn(HTMLElement.prototype, 'scrollWidth', 'get').mockReturnValue(100_000)
      const names = Array.from({ length: 1000 }, (_, i) => `COLUMN${String(i).padStart(4, '0')}`)
      const table = mountTable({ rows: listOfRows([Object.fromEntries(names.map((name, i) => [name, i]))]) })
      await framesDrawn(table, 1)
      grid(table).element.scrollLeft = 50_000
      await grid(table).trigger('scroll')
      const [head, row] = table.findAll<HTMLElement>('[role="row"]').map(({ element }) => element.style)
      expect([head!.gridTemplateColumns, head!.paddingInline]).toEqual([
        row!.gridTemplateColumns,
        row!.paddingInline,
      ])
      expect(headings(table)).toEqual(names.slice(499, 506))
      expect(table.get('[role="columnheader"]').attributes('aria-colindex')).toBe('500')
    })
  })
})

async function decodedRows(line: string): Promise<RecordList> {
  const bytes = new Response(`${line}\n`).body!
  let list = RecordList.empty()
  for await (const event of decodeTraceStream(bytes))
    if (event.type === 'records') list = list.append(event.rows)
  return list
}
