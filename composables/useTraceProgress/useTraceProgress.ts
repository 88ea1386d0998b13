import { tryOnScopeDispose } from '@vueuse/core'
import { computed, shallowReadonly, shallowRef, toValue } from 'vue'
import { eventDomains, type TraceQuestion } from '../../src/client/run/TraceQuestion.js'
import type { CancelAnswer } from '../../src/client/job/cancelJob.js'
import type { TraceCheckpoint } from '../../src/client/run/TraceCheckpoint.js'
import { STAGES, type JobAccepted, type Stage } from '../../src/protocol/index.js'
import { useClient } from '../client/useClient.js'
import { useTraceSettings } from '../createTrace/useTraceSettings.js'
import { useStarter } from '../useStarter.js'
import { recall, useRememberedJob, type RememberedJob } from '../rememberedJobs.js'
import { startRun, type TraceRun } from './startRun.js'
import { IDLE, running, type AnyDomains, type TraceState } from './TraceState.js'
import type { UseTraceProgressOptions, UseTraceProgressReturn } from './UseTraceProgressReturn.js'

/** Runs traces: seeds, lineage, events, with honest progress and rows that are shown while they arrive. */
export function useTraceProgress<TDomains extends object = AnyDomains>(
  options: UseTraceProgressOptions,
): UseTraceProgressReturn<TDomains>
// Which rows a domain has is the caller's word; at run time they are what the server sent.
export function useTraceProgress(options: UseTraceProgressOptions): UseTraceProgressReturn {
  const { onLeave = 'detach', rememberAs, lineage } = options
  const settings = useTraceSettings(options)
  const { environment } = settings
  const remembered = useRememberedJob(rememberAs)
  const { client, load: loadClient, cancelJob } = useClient()
  const starter = useStarter('useTraceProgress', settings)
  const state = shallowRef<TraceState>(IDLE)
  let question: TraceQuestion | null = null
  let run: TraceRun | null = null
  let isDisposed = false

  function begin(asked: TraceQuestion, beginning: Beginning): Promise<TraceState> {
    if (isDisposed) return Promise.resolve(state.value)
    return new Promise((resolve) => {
      starter.begin(
        () => resolve(start(asked, beginning)),
        () => resolve(state.value),
      )
    })
  }

  function start(asked: TraceQuestion, beginning: Beginning) {
    const { from, before = IDLE, jobStartedMs = null, isRemembered } = beginning
    const earlier = run
    run = null
    earlier?.abort()
    const own = startRun(asked, {
      loadClient,
      settings,
      from,
      isRemembered,
      before: running(before, stageOf(from, before), valueCountOf(asked)),
      jobStartedMs,
      // A run that another has replaced is not shown any more.
      onState: (next) => {
        if (run === own) state.value = next
      },
      onJob: (job, seedCount) => remember(asked, job, seedCount),
    })
    question = asked
    run = own
    own.start()
    void own.ended.then(() => forgetGone(own))
    return own.ended
  }

  function remember(asked: TraceQuestion, job: JobAccepted, seedCount: number | null) {
    if (rememberAs === undefined || remembered.value?.job.jobId === job.jobId) return
    const { profile, params } = asked
    const domains = [...eventDomains(job, asked)]
    const rememberedAt = environment.now()
    remembered.value = { name: rememberAs, profile, params, domains, job, seedCount, rememberedAt }
  }

  /** If a run could not go on with a job, the next page cannot either. */
  function forgetGone(own: TraceRun) {
    if (run !== own || state.value.status !== 'failed' || own.checkpoint?.job) return
    forget(state.value.jobProgress.jobId)
  }

  function forget(jobId: string | null) {
    if (remembered.value?.job.jobId === jobId) remembered.value = null
  }

  function execute(params: Record<string, unknown>) {
    remembered.value = null
    const { profile, domains } = options
    return begin({ profile: toValue(profile), params: { ...params }, domains: toValue(domains), lineage }, {})
  }

  function retry() {
    if (run?.isRunning) return run.ended
    if (!run || !question || state.value.status === 'complete') return Promise.resolve(state.value)
    const { checkpoint = {}, isRemembered, jobStartedMs } = run
    return begin(question, { from: checkpoint, isRemembered, before: state.value, jobStartedMs })
  }

  function resume(given?: RememberedJob) {
    if (!given && run?.isRunning) return run.ended
    if (!given && question && run?.checkpoint?.job) return retry()
    // Storage itself, since the ref is filled only once the component is mounted.
    const known = given ?? remembered.value ?? recall(rememberAs)
    if (!known) return Promise.resolve(state.value)
    const { profile, params, domains, job, seedCount, rememberedAt } = known
    const before = {
      ...IDLE,
      stageCounts: { seeds: seedCount, containers: job.cidCount },
      jobProgress: { ...IDLE.jobProgress, jobId: job.jobId },
    }
    const ageMs = Math.max(0, environment.now() - rememberedAt)
    const jobStartedMs = environment.monotonic() - ageMs
    const left = { from: { job }, isRemembered: true, before, jobStartedMs }
    return begin({ profile, params, domains, lineage }, left)
  }

  function abort() {
    starter.drop()
    run?.abort()
  }

  async function cancel(): Promise<CancelAnswer> {
    starter.drop()
    const own = run
    const job = state.value.status === 'complete' ? undefined : own?.checkpoint?.job
    own?.abort()
    if (!job) return { status: 'gone', error: null }
    noteJob(own, { phase: 'cancelling' })
    const answer = await cancelJob(job, settings.context(new AbortController().signal), own?.isRemembered)
    const isOver = answer.status === 'cancelled' || answer.status === 'gone'
    if (isOver) {
      own?.forgetJob()
      forget(job.jobId)
    }
    noteJob(own, isOver ? { status: 'cancelled', phase: 'done' } : { phase: null })
    return answer
  }

  function noteJob(own: TraceRun | null, facts: Partial<TraceState['jobProgress']>) {
    if (run !== own || own?.isRunning) return
    state.value = { ...state.value, jobProgress: { ...state.value.jobProgress, ...facts } }
  }

  function reset() {
    starter.drop()
    const earlier = run
    run = null
    earlier?.abort()
    remembered.value = null
    state.value = IDLE
  }

  tryOnScopeDispose(() => {
    isDisposed = true
    const job = run?.isRunning ? run.checkpoint?.job : undefined
    run?.abort()
    if (!job || onLeave !== 'cancel') return
    void cancelJob(job, settings.context(new AbortController().signal), run?.isRemembered)
  })

  const resumable = computed(() => {
    const { status } = state.value
    if (status === 'idle') return remembered.value !== null
    return status !== 'running' && status !== 'complete' && run?.checkpoint?.job !== undefined
  })

  const jobProgress = computed(() => ({ ...state.value.jobProgress, message: whatGoesOn() }))

  /** The texts come with the client, and nothing goes on before it is there. */
  function whatGoesOn(): string {
    const { status, stage, jobProgress } = state.value
    const { waiting, retryInSeconds, phase, isAskedAnew } = jobProgress
    if (!client.value || (status !== 'running' && status !== 'complete')) return ''
    const { progressText, waitText } = client.value
    const language = [settings.locale(), settings.messages] as const
    if (status === 'complete') return progressText('phases', 'done', ...language)
    if (waiting) return waitText(waiting, retryInSeconds, ...language)
    // The rows of a job that is done are still to be read.
    const isPhaseNews = phase !== null && phase !== 'done'
    const what = isPhaseNews
      ? progressText('phases', phase, ...language)
      : progressText('stages', stage, ...language)
    return isAskedAnew ? `${what} · ${progressText('notes', 'askedAnew', ...language)}` : what
  }

  /** The texts of errors come with the client. Before it is there, the only error is that it could not be loaded. */
  function errorMessage(shown = state.value.error, locale = settings.locale()): string {
    return (shown && client.value?.messageOf(shown, locale, settings.messages)) ?? shown?.message ?? ''
  }

  const seedAnswer = computed(() => state.value.stageResults.seed)
  const seedsByStage = computed(
    () => (seedAnswer.value && client.value?.seedRecords(seedAnswer.value)) ?? null,
  )
  const seeds = computed(() => state.value.domains.seeds ?? seedsByStage.value)

  const error = computed(() => state.value.error)
  return {
    state: shallowReadonly(state),
    status: computed(() => state.value.status),
    currentStage: computed(() => (state.value.status === 'running' ? state.value.stage : null)),
    completedStages: computed(() => state.value.completedStages),
    stageResults: computed(() => state.value.stageResults),
    stageCounts: computed(() => state.value.stageCounts),
    stageErrors: computed(() => state.value.stageErrors),
    isRunning: computed(() => state.value.status === 'running'),
    jobProgress,
    domains: computed(() => state.value.domains),
    aggregation: computed(() => state.value.aggregation),
    seeds,
    unmatched: computed(() => state.value.unmatched),
    error,
    resumable,
    execute,
    retry,
    resume,
    abort,
    cancel,
    reset,
    errorMessage,
  }
}

interface Beginning {
  from?: TraceCheckpoint
  isRemembered?: boolean
  /** State to start from; its rows and results stay visible until new ones arrive. */
  before?: TraceState
  jobStartedMs?: number | null
}

/** As servers count: blank values ask for nothing, and one that is there twice counts once. */
function valueCountOf({ params: { values } }: TraceQuestion): number | null {
  if (!Array.isArray(values)) return null
  return new Set(values.map((value) => String(value).trim()).filter(Boolean)).size || null
}

function stageOf(from: TraceCheckpoint = {}, { completedStages }: TraceState): Stage {
  if (from.job?.isRun) return STAGES.find((stage) => !completedStages.includes(stage)) ?? 'events'
  if (from.job || from.lineage) return 'events'
  return from.seeds ? 'lineage' : 'seed-resolve'
}
