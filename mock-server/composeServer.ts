import { createByteBudget } from './adapters/memory/createByteBudget.js'
import { createMemoryBatchStore } from './adapters/memory/createMemoryBatchStore.js'
import { createMemoryQuestionIndex } from './adapters/memory/createMemoryQuestionIndex.js'
import { createMemoryResultLog } from './adapters/memory/createMemoryResultLog.js'
import { createTraceApi, type TraceApiOptions } from './http/createTraceApi.js'
import type { Clock, JobQueue, LegacyResults, QuestionIndex, BatchStore, ResultLog } from './ports/index.js'
import { createTraceServices } from './services/createTraceServices.js'
import type { TraceDeps, TraceSettings } from './ports/TraceDeps.js'

const SWEEP_EVERY_MS = 30_000
/** What a slow reader of an answer may take beyond the time it is cached. */
const ANSWER_GRACE_SECONDS = 900

/** What a process keeps in its own memory: all of it together stays within `limitBytes`. */
export function keepInMemory(options: {
  clock: Clock
  settings: Pick<TraceSettings, 'jobTtlSeconds' | 'jobTimeoutSeconds' | 'cacheTtlSeconds'>
  limitBytes: number
}) {
  const { clock, limitBytes } = options
  const { jobTtlSeconds, jobTimeoutSeconds, cacheTtlSeconds } = options.settings
  const budget = createByteBudget(limitBytes)
  const store = createMemoryBatchStore({ clock, budget })
  const questions = createMemoryQuestionIndex(clock)
  const log = createMemoryResultLog({
    clock,
    budget,
    ttlSeconds: jobTtlSeconds,
    unfinishedTtlSeconds: jobTimeoutSeconds + jobTtlSeconds,
  })
  const answers = createMemoryResultLog({
    clock,
    budget,
    ttlSeconds: cacheTtlSeconds + ANSWER_GRACE_SECONDS,
    unfinishedTtlSeconds: jobTimeoutSeconds,
  })
  budget.onShortage(answers.dropOldestEnded)

  return {
    budget,
    store,
    questions,
    log,
    answers,
    /** Frees what has expired, again and again until `signal` aborts. */
    async keepSweeping(signal: AbortSignal) {
      for (;;) {
        await clock.sleep(SWEEP_EVERY_MS, signal).catch(() => {})
        if (signal.aborted) return
        for (const each of [store, questions, log, answers]) each.sweep()
      }
    },
  }
}

export type InMemory = ReturnType<typeof keepInMemory>

/** Where jobs are kept, for all servers and workers that share them. */
export interface SharedJobs {
  log: ResultLog
  store: BatchStore
  questions: QuestionIndex
  queue: JobQueue
  legacy?: LegacyResults
}

type Ambient = Pick<
  TraceDeps,
  | 'source'
  | 'openParquet'
  | 'description'
  | 'codec'
  | 'clock'
  | 'settings'
  | 'memoryUsedMb'
  | 'rowsSent'
  | 'warn'
>

export interface ServerParts extends Ambient {
  jobs: SharedJobs
  /** Answers given at once are kept here; so are lineages, while a store of `jobs` that lies elsewhere is away. */
  memory: Pick<InMemory, 'answers' | 'store'>
  api?: TraceApiOptions
  /** Aborted by `stop()`; default: one of its own. */
  stopping?: AbortController
}

/** The one place where services and API are put together, for every kind of server and for tests. */
export function composeServer({ jobs, memory, api, stopping, ...ambient }: ServerParts) {
  const controller = stopping ?? new AbortController()
  const deps: TraceDeps = {
    ...ambient,
    ...jobs,
    answers: memory.answers,
    nearStore: jobs.store === memory.store ? undefined : memory.store,
    stopping: controller.signal,
  }
  const services = createTraceServices(deps)

  return {
    deps,
    services,
    api: createTraceApi(services, api),
    /** Sends followers away, to resume later; what is kept can still be read. */
    stop: () => controller.abort(),
  }
}
