import { useIntervalFn } from '@vueuse/core'
import { computed, ref, shallowRef, watch, type ComputedRef } from 'vue'
import type { TraceState } from '../../composables/useTraceProgress/TraceState.js'
import { STAGES, type Stage } from '../../src/protocol/vocabulary.js'

type Spans = Partial<Record<Stage, { fromMs: number; toMs: number | null }>>

/** How long each stage has taken so far, in ms; `null` for one that has not begun. Ticks once a second. */
export function useStageTimes(state: () => TraceState): ComputedRef<Record<Stage, number | null>> {
  const spans = shallowRef<Spans>({})
  const nowMs = ref(0)
  const ticking = useIntervalFn(() => (nowMs.value = performance.now()), 1000, { immediate: false })

  /** Of a job taken up again the stage is not known until it is said, and what went before was not seen here. */
  function isUnseen(): boolean {
    const { jobId, status } = state().jobProgress
    return Object.keys(spans.value).length === 0 && jobId !== null && status !== 'running'
  }

  watch(
    [() => state().status, () => state().stage, isUnseen],
    ([status, stage, unseen]) => {
      nowMs.value = performance.now()
      const isRunning = status === 'running'
      spans.value = advance(spans.value, isRunning && !unseen ? stage : null, nowMs.value)
      if (isRunning) ticking.resume()
      else ticking.pause()
    },
    { immediate: true },
  )

  return computed(() => {
    const times = {} as Record<Stage, number | null>
    for (const stage of STAGES) {
      const span = spans.value[stage]
      times[stage] = span ? (span.toMs ?? nowMs.value) - span.fromMs : null
    }
    return times
  })
}

/** Ends the open span and begins that of `stage`. The first stage clears all spans. */
function advance(spans: Spans, stage: Stage | null, nowMs: number): Spans {
  const next: Spans = stage === STAGES[0] ? {} : { ...spans }
  for (const name of STAGES) {
    const span = next[name]
    if (span && span.toMs === null) next[name] = { ...span, toMs: nowMs }
  }
  if (stage !== null) next[stage] = { fromMs: nowMs, toMs: null }
  return next
}
