import { sleep } from '../../src/async/clock.js'
import { tryOnScopeDispose } from '@vueuse/core'
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import { filterInSlices, searchInSlices, sortInSlices } from '../../src/records/workInSlices.js'
import type { RecordRows } from '../../src/records/RecordView.js'
import type { SortOrder } from '../../src/records/Row.js'
import type { Row } from '../../src/records/Row.js'

/** Which rows to show, and in what order. */
export interface RowWish {
  /** Words and phrases in quotes, each of which some cell must contain. */
  text: string
  /** Columns that must have one of the values named. */
  where: Readonly<Record<string, readonly unknown[]>>
  sort: { column: string; order: SortOrder } | null
  /** Of the order. */
  locale: string
}

export interface RowOrder<TRows> {
  /** The rows to show: the last result while the next one is worked out. */
  shown: ComputedRef<TRows | RecordRows>
  isWorking: Readonly<Ref<boolean>>
}

/** Between two looks at rows that are still arriving: half of the time is left to the page. */
const PAUSE_MS = 400

/**
 * Filters and sorts in slices, so that the page answers while millions of rows are looked at. Rows that arrive
 * meanwhile are looked at afterwards, all at once.
 *
 * @param rows as they are; without columns they are shown as they are
 */
export function useRowOrder<TRows extends object>(
  rows: () => TRows | RecordRows,
  wish: () => RowWish,
): RowOrder<TRows> {
  const found = shallowRef<RecordRows | null>(null)
  const isWorking = ref(false)
  let controller = new AbortController()

  const isPlain = computed(() => {
    const { text, where, sort } = wish()
    return text === '' && sort === null && Object.keys(where).length === 0
  })

  async function keepOrder(signal: AbortSignal) {
    isWorking.value = !isPlain.value
    if (isPlain.value) {
      found.value = null
      return
    }
    for (let last: unknown = null; !signal.aborted;) {
      const source = rows()
      if (source === last || !isRecordRows(source)) return void (isWorking.value = false)
      const begunMs = performance.now()
      const view = await ordered(source, wish(), signal)
      if (signal.aborted) return
      found.value = view
      last = source
      if (rows() !== last) await sleep(Math.max(PAUSE_MS, performance.now() - begunMs), signal)
    }
  }

  /** The work throws nothing but aborts, which are an ordinary end. */
  function start() {
    controller.abort()
    const { signal } = (controller = new AbortController())
    keepOrder(signal).catch((cause: unknown) => {
      if (!signal.aborted) throw cause
    })
  }

  watch(() => JSON.stringify(wish()), start)
  if (!isPlain.value) start()
  watch(rows, () => {
    if (!isPlain.value && !isWorking.value) start()
  })
  tryOnScopeDispose(() => controller.abort())

  const shown = computed(() => (isPlain.value ? rows() : (found.value ?? rows())))
  return { shown, isWorking }
}

async function ordered(rows: RecordRows, { text, where, sort, locale }: RowWish, signal: AbortSignal) {
  let view: RecordRows = rows
  const tests = Object.entries(where).map(([column, values]) => [column, new Set(values)] as const)
  if (tests.length > 0) {
    const test = (row: Row) => tests.every(([column, values]) => values.has(row[column]))
    view = await filterInSlices(view, test, { signal })
  }
  if (text !== '') view = await searchInSlices(view, text, { signal })
  if (sort) view = await sortInSlices(view, sort.column, sort.order, { locale, signal })
  return view
}

/** Whether rows can be read by column, as `RecordList` and `RecordView` can. */
export function isRecordRows(rows: object): rows is RecordRows {
  return 'column' in rows
}
