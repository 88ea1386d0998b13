import { tryOnScopeDispose } from '@vueuse/core'
import { shallowReadonly, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue'
import { toTraceError, type TraceError } from '../../src/errors.js'
import type { JobStatus } from '../../src/protocol/index.js'
import { useClient } from '../client/useClient.js'
import type { TraceSettings } from '../createTrace/createTrace.js'
import { useTraceSettings } from '../createTrace/useTraceSettings.js'
import { useStarter } from '../useStarter.js'

/** How another API's status is read. */
export interface StatusReader<TStatus> {
  /** Makes a status of an answer's body; what it throws counts as a failed poll. */
  read: (body: unknown) => TStatus
  isDone: (status: TStatus) => boolean
}

export interface UseJobPollingReturn<TStatus> {
  /** The last status. */
  job: Readonly<ShallowRef<TStatus | null>>
  /** Why polling ended before the job did. */
  error: Readonly<ShallowRef<TraceError | null>>
  /** The failure being waited out, while polling goes on. */
  trouble: Readonly<ShallowRef<TraceError | null>>
  isPolling: Readonly<ShallowRef<boolean>>
  /** Whether the server has had nothing new to say of a trace's job for `policy.jobSilenceMs`: it may be lost. */
  isSilent: Readonly<ShallowRef<boolean>>
  stop: () => void
}

/**
 * Polls one job until it is done: a trace's, or with `read` and `isDone` that of any API that answers 202. A
 * change of `statusUrl`, `null`, or the scope's end, drops the old poll at once.
 */
export function useJobPolling(
  statusUrl: MaybeRefOrGetter<string | null>,
  options?: TraceSettings & { read?: undefined; isDone?: undefined },
): UseJobPollingReturn<JobStatus>
export function useJobPolling<TStatus>(
  statusUrl: MaybeRefOrGetter<string | null>,
  options: TraceSettings & StatusReader<TStatus>,
): UseJobPollingReturn<TStatus>
export function useJobPolling(
  statusUrl: MaybeRefOrGetter<string | null>,
  options: TraceSettings & Partial<StatusReader<unknown>> = {},
): UseJobPollingReturn<unknown> {
  const settings = useTraceSettings(options)
  const { load } = useClient()
  const starter = useStarter('useJobPolling', settings)
  const job = shallowRef<unknown>(null)
  const error = shallowRef<TraceError | null>(null)
  const trouble = shallowRef<TraceError | null>(null)
  const isPolling = shallowRef(false)
  const isSilent = shallowRef(false)
  let controller = new AbortController()

  function stop() {
    starter.drop()
    controller.abort()
    isPolling.value = false
  }

  async function follow(url: string) {
    const { signal } = (controller = new AbortController())
    isPolling.value = true
    try {
      const { pollJob, pollTraceJob } = await load()
      const { read, isDone = () => false } = options
      const context = settings.context(signal)
      const events = read ? pollJob({ url, read, isDone }, context) : pollTraceJob({ url }, context)
      for await (const event of events) {
        if (signal.aborted) return
        trouble.value = event.type === 'retry' ? event.error : null
        if (event.type === 'retry') continue
        job.value = event.status
        isSilent.value = !read && event.oldMs >= settings.policy.jobSilenceMs
      }
    } catch (cause) {
      if (!signal.aborted) error.value = toTraceError(cause)
    } finally {
      if (!signal.aborted) isPolling.value = false
    }
  }

  watch(
    () => toValue(statusUrl),
    (url) => {
      stop()
      job.value = error.value = trouble.value = null
      isSilent.value = false
      if (url) starter.begin(() => void follow(url))
    },
    // sync: an answer for the old URL must not land before the change is seen.
    { immediate: true, flush: 'sync' },
  )

  tryOnScopeDispose(stop)

  return {
    job: shallowReadonly(job),
    error: shallowReadonly(error),
    trouble: shallowReadonly(trouble),
    isPolling: shallowReadonly(isPolling),
    isSilent: shallowReadonly(isSilent),
    stop,
  }
}
