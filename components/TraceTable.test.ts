import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { RecordList } from '../src/records/RecordList.js'
import { rowsToBatch } from '../src/records/rowsToBatch.js'
import TraceTable from './TraceTable.vue'

const VIEWPORT_PX = 280
const ROW_PX = 28
const OVERSCAN = 4

/** A list of any length whose rows are made when read. */
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

/** Until so many rows are drawn, by default those in view and beyond its edge: some come in each frame. */
async function framesDrawn(table: ReturnType<typeof mountTable>, rows = VIEWPORT_PX / ROW_PX + OVERSCAN) {
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

  it('draws its headings first, and a first screen of rows over some frames, more in each', async () => {
    const drawFrame = ownFrames()
    const table = mountTable({ rows: listOf(1000) })
    const counts = []
    for (let frame = 0; frame < 8; frame++) {
      counts.push(shownIds(table).length)
      await drawFrame()
    }
    expect(table.findAll('[role="columnheader"]').map((heading) => heading.text())).toEqual([
      'CONTAINERID',
      'QTY',
    ])
    expect(counts).toEqual([0, 0, 1, 3, 6, 10, 14, 14])
  })

  it('adds rows to a first screen in every second frame while they go by', async () => {
    const drawFrame = ownFrames()
    const table = mountTable({ rows: listOf(1000) })
    const counts = []
    for (let frame = 0; frame < 8; frame++) {
      await grid(table).trigger('wheel', { deltaY: 10 * ROW_PX })
      counts.push(shownIds(table).length)
      await drawFrame()
    }
    expect(counts).toEqual([0, 0, 0, 1, 1, 3, 3, 6])
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
      const sum = (text: string) => text.split(' ').reduce((sum, width) => sum + parseFloat(width), 0)
      expect(sum(row!.gridTemplateColumns) + sum(row!.paddingInline)).toBe(sum(head!.gridTemplateColumns))
      expect(parseFloat(row!.paddingInline)).toBe(sum(head!.gridTemplateColumns) / 3)
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
    await expect.poll(() => shownIds(table)).toEqual(['晶片破裂'])
    expect(table.text()).toContain('1 of 3 rows match')

    await table.setProps({ rows: first.append(rowsToBatch([{ REASON: '晶片崩邊', LOT: 'L2' }])) })
    await expect.poll(() => shownIds(table)).toEqual(['晶片破裂', '晶片崩邊'])
    await table.setProps({ where: { LOT: ['L2'] } })
    await expect.poll(() => shownIds(table)).toEqual(['晶片崩邊'])
    await table.get('input').setValue('nowhere')
    await expect.poll(() => table.text()).toContain('No row matches the filter.')
  })
})
