import { useRafFn } from '@vueuse/core'
import { computed, ref, watch, type Ref } from 'vue'

/**
 * Draws a first screen of rows over several frames: none with the headings, then one row, two more, three more, and so
 * on. A whole screen of new cells in one frame was a task of 60 ms, and the first rows take longest. Later rows take
 * over the elements of earlier ones, so that after the first screen any number may be drawn at once.
 *
 * @param first first row in view
 * @param endInView behind the last row in view
 * @param count rows there are; at none, the next screen is a first one again
 * @returns behind the last row to draw
 */
export function useGradualFill({
  first,
  endInView,
  count,
}: {
  first: Ref<number>
  endInView: Ref<number>
  count: Ref<number>
}): Ref<number> {
  /** Rows that may be drawn in this frame. */
  const most = ref(0)
  const end = computed(() => Math.min(endInView.value, first.value + most.value))
  let frames = 0
  let hasMoved = false
  let hasWaited = false

  const filling = useRafFn(
    () => {
      // A frame that moves rows has enough to do, so the rows come with the next one, which may move rows too. Of 44 short
      // traces one had a frame over 50 ms at the first rows; when every frame added rows, eight had.
      hasWaited = hasMoved && !hasWaited
      hasMoved = false
      if (hasWaited) return
      most.value += frames++
      if (end.value < endInView.value) return
      most.value = Infinity
      filling.pause()
    },
    { immediate: false },
  )
  watch(
    () => end.value < endInView.value,
    (isCut) => isCut && filling.resume(),
    { immediate: true },
  )
  watch(first, () => (hasMoved = true))
  watch(count, (rows) => {
    if (rows > 0) return
    most.value = 0
    frames = 0
  })

  return end
}
