import { tryOnScopeDispose } from '@vueuse/core'
import { shallowRef, watch, type Ref } from 'vue'
import { runInSlices } from '../../src/async/slices.js'
import type { RecordList } from '../../src/records/RecordList.js'
import type { RecordRows } from '../../src/records/RecordView.js'
import { createTimeTest } from '../../src/records/wallTime.js'
import { isRecordRows } from './useRowOrder.js'

interface SeenColumn {
  test: ReturnType<typeof createTimeTest>
  /** Rows looked at. */
  rows: number
  isOver: boolean
}

/** Rows looked at before they are drawn, and between two places to stop. */
const STEP_ROWS = 256

/**
 * Which columns hold nothing but times, some of them written as RFC 1123: these are shown as `wallTime`. All rows are
 * looked at, in slices, while they arrive; for most columns the first value decides.
 *
 * @param names of the columns that are on the page
 */
export function useTimeColumns(
  rows: () => object,
  names: () => readonly string[],
): Readonly<Ref<ReadonlySet<string>>> {
  const timeColumns = shallowRef<ReadonlySet<string>>(new Set())
  let columns = new Map<string, SeenColumn>()
  let list: object | null = null
  let controller = new AbortController()

  function look() {
    const source = rows()
    if (!isRecordRows(source)) return
    if (list && source !== list && !(source as Partial<RecordList>).continues?.(list)) columns = new Map()
    list = source
    controller.abort()
    const { signal } = (controller = new AbortController())
    const work = lookAt(source, names())
    // Decides most columns before anything is drawn.
    if (work.next().done) return publish()
    publish()
    runInSlices(work, { signal }).then(publish, (cause: unknown) => {
      if (!signal.aborted) throw cause
    })
  }

  /** All columns a little, then each to its end. */
  function* lookAt(source: RecordRows, names: readonly string[]): Generator<void, void> {
    const open = names.map((name) => [name, columnOf(name)] as const).filter(([, { isOver }]) => !isOver)
    for (const [name, column] of open) see(source, name, column)
    for (const [name, column] of open) {
      while (!column.isOver && column.rows < source.loaded) {
        yield
        see(source, name, column)
      }
    }
  }

  function see(source: RecordRows, name: string, column: SeenColumn) {
    const { get } = source.column(name)
    const end = Math.min(source.loaded, column.rows + STEP_ROWS)
    while (column.rows < end && !column.isOver) column.isOver = !column.test.see(get(column.rows++))
  }

  function columnOf(name: string): SeenColumn {
    let column = columns.get(name)
    if (!column) columns.set(name, (column = { test: createTimeTest(), rows: 0, isOver: false }))
    return column
  }

  function publish() {
    const found = [...columns].filter(([, { test }]) => test.isTime()).map(([name]) => name)
    const known = timeColumns.value
    if (found.length !== known.size || found.some((name) => !known.has(name)))
      timeColumns.value = new Set(found)
  }

  watch([rows, names], look, { immediate: true })
  tryOnScopeDispose(() => controller.abort())
  return timeColumns
}
