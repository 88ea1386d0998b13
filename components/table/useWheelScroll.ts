import { useEventListener } from '@vueuse/core'
import { toValue, type MaybeRefOrGetter, type Ref } from 'vue'

export interface WheelScrollOptions {
  /** Whether the wheel moves the list from here; else the browser scrolls. */
  isOn: () => boolean
  isMoving: Ref<boolean>
  offsetPx: Ref<number>
  rowPx: MaybeRefOrGetter<number>
  viewportPx: MaybeRefOrGetter<number>
  moveTo: (px: number) => void
}

/**
 * Moves a list by the wheel in place of the browser: where the scroll bar is scaled, and while rows come. Chromium's
 * compositor must have drawn what it scrolls by itself before the page gets another frame. 67 short traces under a wheel
 * had 55 frame gaps of 50 ms and more; 88 traces scrolled from here had six.
 */
export function useWheelScroll(
  scroller: Ref<HTMLElement | null>,
  { isOn, isMoving, offsetPx, rowPx, viewportPx, moveTo }: WheelScrollOptions,
) {
  function onWheel(event: WheelEvent) {
    // A wheel that zooms, goes sideways, or scrolls already.
    if (event.ctrlKey || event.shiftKey || event.deltaY === 0 || !event.cancelable) return
    const unitPx = unitPxOf(event)
    const before = offsetPx.value
    moveTo(before + event.deltaY * unitPx)
    // At its end the list leaves the wheel to the page around it, but not in the same turn that reached the end.
    if (offsetPx.value === before && !isMoving.value) return
    event.preventDefault()
    scroller.value!.scrollLeft += event.deltaX * unitPx
  }

  function unitPxOf({ deltaMode }: WheelEvent) {
    if (deltaMode === WheelEvent.DOM_DELTA_LINE) return toValue(rowPx)
    return deltaMode === WheelEvent.DOM_DELTA_PAGE ? toValue(viewportPx) : 1
  }

  // Listens only while it is on: a browser that must ask a listener first scrolls later.
  useEventListener(() => (isOn() ? scroller.value : null), 'wheel', onWheel, { passive: false })
}
