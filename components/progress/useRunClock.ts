import { useIntervalFn } from '@vueuse/core'
import { computed, ref, shallowRef, watch } from 'vue'
import type { TraceState } from '../../composables/useTraceProgress/TraceState.js'

/** Seconds over which the rate of arriving rows is measured: long enough to read, short enough to be true. */
const RATE_OVER_SECONDS = 5

/** What the page measures itself, once a second: a job's own figures change only with its answers. */
export function useRunClock(state: () => TraceState) {
  const isRunning = computed(() => state().status === 'running')
  /** Since the question was asked, or since its job began when it was taken up again. Stops with the run. */
  const seconds = ref<number | null>(null)
  /** Since rows, seeds or a new stage last came. */
  const quietSeconds = ref(0)
  /** Rows held at the last few ticks, the newest last. */
  const held = shallowRef<readonly number[]>([])
  let startedMs = 0
  /** Begun with its last stage, or with a job: what went before was not seen here. */
  let isResumed = false

  function read() {
    seconds.value = (performance.now() - startedMs) / 1000
  }

  function tick() {
    read()
    quietSeconds.value += 1
    held.value = [...held.value, state().jobProgress.rowsLoaded].slice(-RATE_OVER_SECONDS - 1)
  }

  const ticking = useIntervalFn(tick, 1000, { immediate: false })

  function begin() {
    startedMs = performance.now()
    seconds.value = quietSeconds.value = 0
    held.value = [state().jobProgress.rowsLoaded]
    isResumed = state().stage === 'events' || state().jobProgress.jobId !== null
    ticking.resume()
  }

  function end() {
    if (!ticking.isActive.value) return
    ticking.pause()
    read()
  }

  watch(isRunning, (runs) => (runs ? begin() : end()), { immediate: true })
  watch(
    () => state().jobProgress.elapsedSeconds,
    (elapsed) => {
      if (!isRunning.value || !isResumed || elapsed === null) return
      startedMs = Math.min(startedMs, performance.now() - elapsed * 1000)
      read()
    },
    { immediate: true },
  )
  watch(
    [
      () => state().jobProgress.rowsLoaded,
      () => state().jobProgress.seedsDone,
      () => state().domains.seeds?.loaded,
      () => state().stage,
    ],
    () => (quietSeconds.value = 0),
  )

  /** `null` until a second has been measured; a retry that drops rows measures anew. */
  const rowsPerSecond = computed(() => {
    const grown = held.value.at(-1)! - held.value[0]!
    return held.value.length < 2 || grown < 0 ? null : grown / (held.value.length - 1)
  })

  return { isRunning, seconds, quietSeconds, rowsPerSecond }
}
