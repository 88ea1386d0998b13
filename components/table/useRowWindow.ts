import { refAutoReset, useResizeObserver } from '@vueuse/core'
import { computed, ref, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue'
import { useGradualFill } from './useGradualFill.js'
import { useKeptPlace } from './useKeptPlace.js'
import { useScaledScroll } from './useScaledScroll.js'
import { useWheelScroll } from './useWheelScroll.js'

/** Rows of a block: few enough for exact positions, many enough that scrolling seldom leaves one. */
const BLOCK_ROWS = 1_000

/** Most rows drawn, in heights of the window. */
const MAX_SCREENS = 4

/** Without a move for so long, rows are at rest. */
const REST_MS = 150

export interface RowWindowOptions {
  /** Rows there are. */
  count: MaybeRefOrGetter<number>
  rowHeightPx: MaybeRefOrGetter<number>
  /** Rows drawn beyond each edge; default 4. */
  overscan?: number
  /** Whether a list scrolled to its end stays there while rows arrive. */
  stickToEnd?: MaybeRefOrGetter<boolean>
  /** Whether rows are to come: the wheel moves the list from here then. */
  isFilling?: MaybeRefOrGetter<boolean>
}

/**
 * Which rows of a list of equal heights are in view, at a cost that does not depend on its length.
 *
 * A general virtualizer keeps a place per row: at 2.28 million rows in 456 batches that took 13 s in all and
 * up to 163 ms per batch. With one height, a place is a multiplication.
 */
export function useRowWindow(scroller: Ref<HTMLElement | null>, options: RowWindowOptions) {
  const { overscan = 4 } = options
  const count = computed(() => toValue(options.count))
  const rowPx = computed(() => toValue(options.rowHeightPx))
  /** Height in which rows show. */
  const viewportPx = ref(0)
  const listPx = computed(() => count.value * rowPx.value)
  const { offsetPx, scrollTopPx, spacerPx, maxOffsetPx, scale, moveTo } = useScaledScroll(scroller, {
    listPx,
    viewportPx,
  })

  const first = computed(() => Math.max(0, Math.floor(offsetPx.value / rowPx.value) - overscan))
  const endInView = computed(() =>
    Math.min(count.value, Math.ceil((offsetPx.value + viewportPx.value) / rowPx.value) + overscan),
  )
  const end = useGradualFill({ first, endInView, count })
  /** Whether rows are going by. */
  const isMoving = refAutoReset(false, REST_MS)
  watch(first, () => (isMoving.value = true))
  /** Most rows drawn at this height of the window: a number of places that rows can take turns in. */
  const places = computed(() => Math.ceil(viewportPx.value / rowPx.value) + 2 * overscan + 1)
  /** Rows stand in blocks: inside one they keep their places, however the scroll bar is scaled. */
  const blockFirst = computed(() => first.value - (first.value % BLOCK_ROWS))
  /** Where the block of the drawn rows stands inside the spacer. */
  const blockTopPx = computed(() => scrollTopPx.value + blockFirst.value * rowPx.value - offsetPx.value)

  function scrollToRow(index: number) {
    const topPx = index * rowPx.value
    if (topPx < offsetPx.value) moveTo(topPx)
    else if (topPx + rowPx.value > offsetPx.value + viewportPx.value)
      moveTo(topPx + rowPx.value - viewportPx.value)
  }

  useResizeObserver(scroller, () => {
    const header = scroller.value!.querySelector<HTMLElement>('[data-sticky-header]')
    const heightPx = scroller.value!.clientHeight - (header?.offsetHeight ?? 0)
    // Without a height of its own (no style sheet, say) the element grows with its rows: never draw them all.
    viewportPx.value = Math.min(heightPx, MAX_SCREENS * window.innerHeight)
  })
  useWheelScroll(scroller, {
    isOn: () => scale.value !== 1 || toValue(options.isFilling) === true,
    isMoving,
    offsetPx,
    rowPx,
    viewportPx,
    moveTo,
  })
  useKeptPlace({
    count,
    rowPx,
    viewportPx,
    offsetPx,
    maxOffsetPx,
    scale,
    moveTo,
    stickToEnd: options.stickToEnd,
  })

  return { first, end, isMoving, places, blockFirst, blockTopPx, spacerPx, scrollToRow, viewportPx }
}
