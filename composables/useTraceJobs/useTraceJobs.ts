import { tryOnMounted, tryOnScopeDispose, useEventListener } from '@vueuse/core'
import { effectScope, nextTick, shallowReadonly, shallowRef, type ShallowRef } from 'vue'
import type { CancelAnswer } from '../../src/client/job/cancelJob.js'
import { useClient } from '../client/useClient.js'
import type { TraceSettings } from '../createTrace/createTrace.js'
import { useTraceSettings } from '../createTrace/useTraceSettings.js'
import { forgetJob, recallAll, type RememberedJob } from '../rememberedJobs.js'
import { useTraceProgress } from '../useTraceProgress/useTraceProgress.js'
import type { UseTraceProgressReturn } from '../useTraceProgress/UseTraceProgressReturn.js'

export interface UseTraceJobsReturn {
  /** Every job remembered by a page of this origin, newest first. */
  jobs: Readonly<ShallowRef<readonly RememberedJob[]>>
  /** Goes on with a job here; the trace lives as long as the scope this was set up in. */
  resume: (job: RememberedJob) => UseTraceProgressReturn
  /** Cancels a job for this caller, and forgets it when the server has. */
  cancel: (job: RememberedJob) => Promise<CancelAnswer>
  /** Forgets a job; it goes on. */
  forget: (job: RememberedJob) => void
}

/** The jobs that pages and tabs have remembered (`rememberAs`), kept in step by `storage` events. */
export function useTraceJobs(options: TraceSettings = {}): UseTraceJobsReturn {
  const { transport, environment, policy, locale, messages, context } = useTraceSettings(options)
  const { cancelJob } = useClient()
  const jobs = shallowRef<readonly RememberedJob[]>([])
  // Traces are opened by clicks, outside of setup, and must end with it all the same.
  const scope = effectScope()
  const opened = new Map<string, UseTraceProgressReturn>()

  function look() {
    jobs.value = recallAll()
  }

  function resume(job: RememberedJob) {
    const known = opened.get(job.job.jobId)
    if (known?.isRunning.value) return known
    const settings = { transport, environment, policy, locale, messages }
    const { profile, name } = job
    const trace = scope.run(() => useTraceProgress({ ...settings, profile, rememberAs: name }))
    if (!trace) throw new Error('resume() was called after its scope had ended')
    opened.set(job.job.jobId, trace)
    void trace.resume(job)
    return trace
  }

  async function cancel(job: RememberedJob) {
    opened.get(job.job.jobId)?.abort()
    const answer = await cancelJob(job.job, context(new AbortController().signal), true)
    if (answer.status === 'cancelled' || answer.status === 'gone') forgetJob(job)
    return answer
  }

  // Not before the page is mounted: a server has rendered it without storage.
  tryOnMounted(look)
  // A tick later: the event of a removal may come before the removal.
  useEventListener('storage', () => void nextTick(look))
  tryOnScopeDispose(() => scope.stop())

  return { jobs: shallowReadonly(jobs), resume, cancel, forget: forgetJob }
}
