import { refAutoReset, useEventListener, useRafFn, useResizeObserver } from '@vueuse/core'
import { computed, ref, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue'

/** Browsers cap an element's height (Firefox at 17.9 million px); beyond this the scroll bar is scaled. */
const MAX_HEIGHT_PX = 8_000_000

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
 * up to 163 ms per batch. With one height, a place is a multiplication. Above 8 million px the scroll bar
 * stands for a longer list than the element; the wheel and the keyboard still move by exact pixels.
 *
 * While rows come the wheel moves the list from here too. What Chromium's compositor scrolls by itself it must have
 * drawn before it lets the page have another frame: 67 short traces under a wheel had 55 frame gaps of 50 ms and more,
 * 88 scrolled from here had six.
 */
export function useRowWindow(scroller: Ref<HTMLElement | null>, options: RowWindowOptions) {
  const { overscan = 4 } = options
  const rowPx = computed(() => toValue(options.rowHeightPx))
  /** Height in which rows show, px. */
  const viewportPx = ref(0)
  /** Pixels of the whole list above the viewport, exact even where the scroll bar is scaled. */
  const offsetPx = ref(0)
  const scrollTopPx = ref(0)

  const count = computed(() => toValue(options.count))
  const listPx = computed(() => count.value * rowPx.value)
  const spacerPx = computed(() => Math.min(listPx.value, MAX_HEIGHT_PX))
  const maxOffsetPx = computed(() => Math.max(0, listPx.value - viewportPx.value))
  const scale = computed(() =>
    listPx.value <= MAX_HEIGHT_PX ? 1 : maxOffsetPx.value / (spacerPx.value - viewportPx.value),
  )

  const first = computed(() => Math.max(0, Math.floor(offsetPx.value / rowPx.value) - overscan))
  const endInView = computed(() =>
    Math.min(count.value, Math.ceil((offsetPx.value + viewportPx.value) / rowPx.value) + overscan),
  )
  /**
   * Rows that may be drawn in this frame; after a first screen of them, any. A whole screen of new cells at once was a
   * task of 60 ms, and the first ones take longest: none come with the headings, then one, then two more, and so on.
   */
  const most = ref(0)
  let frames = 0
  let hasMoved = false
  let hasWaited = false
  const end = computed(() => Math.min(endInView.value, first.value + most.value))
  /** Whether rows are going by. */
  const isMoving = refAutoReset(false, REST_MS)
  /** Most rows drawn at this height of the window: a number of places that rows can take turns in. */
  const places = computed(() => Math.ceil(viewportPx.value / rowPx.value) + 2 * overscan + 1)
  /** Rows stand in blocks: inside one they keep their places, however the scroll bar is scaled. */
  const blockFirst = computed(() => first.value - (first.value % BLOCK_ROWS))
  /** Where the block of the drawn rows stands inside the spacer. */
  const blockTopPx = computed(() => scrollTopPx.value + blockFirst.value * rowPx.value - offsetPx.value)

  function moveTo(px: number) {
    offsetPx.value = Math.min(Math.max(0, px), maxOffsetPx.value)
    const element = scroller.value
    if (!element) return
    element.scrollTop = offsetPx.value / scale.value
    // What the browser made of it: whole device pixels.
    scrollTopPx.value = element.scrollTop
  }

  function onScroll() {
    const { scrollTop } = scroller.value!
    // Our own write comes back as an event; taking it for a move would lose the exact offset.
    if (Math.abs(scrollTop - scrollTopPx.value) < 1) return
    scrollTopPx.value = scrollTop
    offsetPx.value = Math.min(scrollTop * scale.value, maxOffsetPx.value)
  }

  function onWheel(event: WheelEvent) {
    // A wheel that zooms, goes sideways, or scrolls already.
    if (event.ctrlKey || event.shiftKey || event.deltaY === 0 || !event.cancelable) return
    const unitPx = wheelUnitPx(event)
    const before = offsetPx.value
    moveTo(before + event.deltaY * unitPx)
    // At its end the list leaves the wheel to the page around it, but not in one go with what brought it there.
    if (offsetPx.value === before && !isMoving.value) return
    event.preventDefault()
    scroller.value!.scrollLeft += event.deltaX * unitPx
  }

  function wheelUnitPx({ deltaMode }: WheelEvent) {
    if (deltaMode === WheelEvent.DOM_DELTA_LINE) return rowPx.value
    return deltaMode === WheelEvent.DOM_DELTA_PAGE ? viewportPx.value : 1
  }

  function scrollToRow(index: number) {
    const topPx = index * rowPx.value
    if (topPx < offsetPx.value) moveTo(topPx)
    else if (topPx + rowPx.value > offsetPx.value + viewportPx.value)
      moveTo(topPx + rowPx.value - viewportPx.value)
  }

  function scrollToEnd() {
    moveTo(maxOffsetPx.value)
  }

  useResizeObserver(scroller, () => {
    const header = scroller.value!.querySelector<HTMLElement>('[data-sticky-header]')
    const heightPx = scroller.value!.clientHeight - (header?.offsetHeight ?? 0)
    // Without a height of its own (no style sheet, say) the element grows with its rows: never draw them all.
    viewportPx.value = Math.min(heightPx, MAX_SCREENS * window.innerHeight)
  })
  useEventListener(scroller, 'scroll', onScroll, { passive: true })
  // Only then: a browser waits for whoever may forbid a wheel to scroll.
  const isMovedFromHere = () => scale.value !== 1 || toValue(options.isFilling)
  useEventListener(() => (isMovedFromHere() ? scroller.value : null), 'wheel', onWheel, { passive: false })

  const growing = useRafFn(
    () => {
      // A frame that moves rows has enough to do; the next one adds some even so. Of 44 short traces one had a frame
      // over 50 ms at the first rows; adding in every frame, eight.
      hasWaited = hasMoved && !hasWaited
      hasMoved = false
      if (hasWaited) return
      most.value += frames++
      if (end.value < endInView.value) return
      most.value = Infinity
      growing.pause()
    },
    { immediate: false },
  )
  watch(
    () => end.value < endInView.value,
    (isCut) => isCut && growing.resume(),
    { immediate: true },
  )
  watch(first, () => (hasMoved = isMoving.value = true))
  watch(count, (rows) => {
    if (rows > 0) return
    most.value = 0
    frames = 0
  })

  // The rows in view stay there: they are counted from a place that moves with the height.
  watch(rowPx, (px, pxBefore) => (offsetPx.value *= px / pxBefore), { flush: 'sync' })

  // After the spacer has its new height: before, the browser would clip the position.
  watch(
    [count, scale, rowPx],
    ([, , px], [countBefore, , pxBefore]) => {
      const wasAtEnd = offsetPx.value >= countBefore * px - viewportPx.value - 1
      if (toValue(options.stickToEnd) && wasAtEnd) scrollToEnd()
      else if (scale.value !== 1 || px !== pxBefore || offsetPx.value > maxOffsetPx.value)
        moveTo(offsetPx.value)
    },
    { flush: 'post' },
  )

  return {
    first,
    end,
    isMoving,
    places,
    blockFirst,
    blockTopPx,
    spacerPx,
    scrollToRow,
    scrollToEnd,
    viewportPx,
  }
}
