import { useEventListener } from '@vueuse/core'
import { computed, ref, type Ref } from 'vue'

/** Browsers cap an element's height (Firefox at 17.9 million px). A longer list has a spacer of this height. */
const MAX_HEIGHT_PX = 8_000_000

/**
 * Scrolls a list that may be taller than an element can be: its scroll bar then stands for more pixels than it has.
 * The exact place in the list is kept beside it, so that the wheel and the keyboard still move by exact pixels.
 *
 * @param listPx height of the whole list
 * @param viewportPx height in which rows show
 */
export function useScaledScroll(
  scroller: Ref<HTMLElement | null>,
  { listPx, viewportPx }: { listPx: Ref<number>; viewportPx: Ref<number> },
) {
  /** Pixels of the whole list above the viewport, exact even where the scroll bar is scaled. */
  const offsetPx = ref(0)
  const scrollTopPx = ref(0)

  const spacerPx = computed(() => Math.min(listPx.value, MAX_HEIGHT_PX))
  const maxOffsetPx = computed(() => Math.max(0, listPx.value - viewportPx.value))
  /** Pixels of the list for one of the scroll bar. */
  const scale = computed(() =>
    listPx.value <= MAX_HEIGHT_PX ? 1 : maxOffsetPx.value / (spacerPx.value - viewportPx.value),
  )

  function moveTo(px: number) {
    offsetPx.value = Math.min(Math.max(0, px), maxOffsetPx.value)
    const element = scroller.value
    if (!element) return
    element.scrollTop = offsetPx.value / scale.value
    // The browser rounds it to whole device pixels.
    scrollTopPx.value = element.scrollTop
  }

  function onScroll() {
    const { scrollTop } = scroller.value!
    // Our own write comes back as an event. Taking it for a move would lose the exact offset.
    if (Math.abs(scrollTop - scrollTopPx.value) < 1) return
    scrollTopPx.value = scrollTop
    offsetPx.value = Math.min(scrollTop * scale.value, maxOffsetPx.value)
  }

  useEventListener(scroller, 'scroll', onScroll, { passive: true })

  return { offsetPx, scrollTopPx, spacerPx, maxOffsetPx, scale, moveTo }
}
