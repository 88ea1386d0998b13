import { toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue'

export interface KeptPlaceOptions {
  count: Ref<number>
  rowPx: Ref<number>
  viewportPx: Ref<number>
  offsetPx: Ref<number>
  maxOffsetPx: Ref<number>
  scale: Ref<number>
  moveTo: (px: number) => void
  /** Whether a list scrolled to its end stays there while rows arrive. */
  stickToEnd?: MaybeRefOrGetter<boolean | undefined>
}

/** Keeps the reader's place in a list while rows arrive or change their height: the same rows, or the end. */
export function useKeptPlace({
  count,
  rowPx,
  viewportPx,
  offsetPx,
  maxOffsetPx,
  scale,
  moveTo,
  stickToEnd,
}: KeptPlaceOptions) {
  // The rows in view stay there: their distance from the top changes with the height of a row.
  watch(rowPx, (px, pxBefore) => (offsetPx.value *= px / pxBefore), { flush: 'sync' })

  // After the spacer has its new height: before, the browser would clip the position.
  watch(
    [count, scale, rowPx],
    ([, , px], [countBefore, , pxBefore]) => {
      const wasAtEnd = offsetPx.value >= countBefore * px - viewportPx.value - 1
      if (toValue(stickToEnd) && wasAtEnd) moveTo(maxOffsetPx.value)
      else if (scale.value !== 1 || px !== pxBefore || offsetPx.value > maxOffsetPx.value)
        moveTo(offsetPx.value)
    },
    { flush: 'post' },
  )
}
