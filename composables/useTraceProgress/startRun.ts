import { domainsOf, eventDomains, type TraceQuestion } from '../../src/client/run/TraceQuestion.js'
import type { TraceCheckpoint } from '../../src/client/run/TraceCheckpoint.js'
import type { TraceOutcome, TraceUpdate } from '../../src/client/run/TraceUpdate.js'
import { toTraceError } from '../../src/errors.js'
import type { JobAccepted } from '../../src/protocol/index.js'
import type { Client } from '../client/useClient.js'
import { createCoalescer } from '../coalesce.js'
import type { ResolvedSettings } from '../createTrace/useTraceSettings.js'
import { foldOutcome } from './foldOutcome.js'
import type { RunningState, TraceState } from './TraceState.js'

/** One run, folded into states. */
export interface TraceRun {
  readonly isRunning: boolean
  /** From where a further run can go on. */
  readonly checkpoint: TraceCheckpoint | undefined
  /** Whether the job of `checkpoint` comes from storage, and its addresses are not checked yet. */
  readonly isRemembered: boolean
  readonly jobStartedMs: number | null
  /** The last state; never rejects. */
  readonly ended: Promise<TraceState>
  start: () => void
  /** Ends the run in this very tick, as `aborted`; no state follows. */
  abort: () => void
  /** The job is cancelled: a further run asks for a new one. */
  forgetJob: () => void
}

export interface RunOptions {
  loadClient: () => Promise<Client>
  settings: ResolvedSettings
  /** The state to begin with. */
  before: RunningState
  from: TraceCheckpoint | undefined
  /** Whether the job of `from` comes from storage: its addresses are checked then. */
  isRemembered?: boolean
  /** When a job taken up again began, by `environment.monotonic()`. */
  jobStartedMs: number | null
  onState: (state: TraceState) => void
  onJob: (job: JobAccepted, seedCount: number | null) => void
}

export function startRun(question: TraceQuestion, options: RunOptions): TraceRun {
  const { loadClient, settings, before, from, onState, onJob } = options
  const { environment } = settings
  const controller = new AbortController()
  let asked = domainsOf(question)
  const frame = createCoalescer(() => onState(state), environment)
  let state: TraceState = before
  let checkpoint = from
  let { jobStartedMs, isRemembered = false } = options
  let isRunning = true
  let countdown = new AbortController()
  let settle: (state: TraceState) => void
  const ended = new Promise<TraceState>((resolve) => (settle = resolve))

  function take(update: TraceUpdate, foldUpdate: Client['foldUpdate']) {
    checkpoint = update.checkpoint
    if (update.type === 'job-lost') jobStartedMs = null
    if (update.type === 'job-accepted') {
      jobStartedMs ??= environment.monotonic() - (update.job.ageSeconds ?? 0) * 1000
      if (update.job.isRun) asked = eventDomains(update.job, question)
      // A job for some of the domains does not answer the whole question.
      if (!update.checkpoint.domains) onJob(update.job, state.stageCounts.seeds)
    }
    function fold(update: TraceUpdate) {
      countdown.abort()
      const nowMs = environment.monotonic()
      state = foldUpdate(state as RunningState, update, { nowMs, jobStartedMs, asked })
    }

    fold(update)
    if (isFrequent(update)) frame.soon()
    else frame.now()
    if (update.type !== 'waiting' || update.retryInMs === null) return
    void countDown(update.retryInMs, (retryInMs) => fold({ ...update, retryInMs }))
  }

  /** Shows the whole seconds that are left of a wait, until something else is said. */
  async function countDown(waitMs: number, show: (leftMs: number) => void) {
    const until = environment.monotonic() + waitMs
    for (let leftMs = waitMs; leftMs > 0;) {
      const { signal } = (countdown = new AbortController())
      try {
        await environment.sleep(leftMs % 1000 || 1000, signal)
      } catch {
        return
      }
      leftMs = Math.max(0, until - environment.monotonic())
      show(leftMs)
      frame.now()
    }
  }

  function end(outcome: TraceOutcome) {
    checkpoint = outcome.checkpoint
    isRunning = false
    countdown.abort()
    state = foldOutcome(state as RunningState, outcome)
    frame.now()
    settle(state)
  }

  async function follow() {
    try {
      const { assertOfApi, foldUpdate, runTrace } = await loadClient()
      if (!isRunning) return
      if (isRemembered && from?.job) {
        // An error here ends the run, and leaves no checkpoint.
        checkpoint = {}
        assertOfApi(from.job, environment.baseUrl)
        checkpoint = from
      }
      isRemembered = false
      const run = runTrace(question, { ...settings, signal: controller.signal, from })
      for (;;) {
        const step = await run.next()
        if (!isRunning) return
        if (step.done) return end(step.value)
        take(step.value, foldUpdate)
      }
    } catch (cause) {
      if (!isRunning) return
      const stage = (state as RunningState).stage
      end({ status: 'failed', stage, error: toTraceError(cause), checkpoint: checkpoint ?? {} })
    }
  }

  return {
    ended,
    get isRunning() {
      return isRunning
    },
    get checkpoint() {
      return checkpoint
    },
    get isRemembered() {
      return isRemembered
    },
    get jobStartedMs() {
      return jobStartedMs
    },
    start() {
      onState(state)
      void follow()
    },
    abort() {
      if (!isRunning) return
      controller.abort()
      end({ status: 'aborted', checkpoint: checkpoint ?? {} })
    },
    forgetJob() {
      const { job: _, position: __, ...stages } = checkpoint ?? {}
      checkpoint = stages
    },
  }
}

/** Updates that may come hundreds of times a second. */
function isFrequent({ type }: TraceUpdate): boolean {
  return type === 'rows' || type === 'progress' || type.startsWith('domain-')
}
