import type { ComputedRef, MaybeRefOrGetter, ShallowRef } from 'vue'
import type { CancelAnswer } from '../../src/client/job/cancelJob.js'
import type { TraceQuestion } from '../../src/client/run/TraceQuestion.js'
import type { TraceError } from '../../src/errors.js'
import type { Locale } from '../../src/messages/MessageCatalogue.js'
import type { Stage, Unmatched } from '../../src/protocol/index.js'
import type { RecordList } from '../../src/records/RecordList.js'
import type { TraceSettings } from '../createTrace/createTrace.js'
import type { RememberedJob } from '../rememberedJobs.js'
import type {
  AnyDomains,
  DomainRecords,
  JobProgressFacts,
  StageCounts,
  StageErrors,
  StageResults,
  TraceState,
  TraceStatus,
} from './TraceState.js'

export interface UseTraceProgressOptions extends TraceSettings {
  profile: MaybeRefOrGetter<TraceQuestion['profile']>
  /** Default: what the profile and `params.direction` call for. */
  domains?: MaybeRefOrGetter<readonly string[] | undefined>
  /** `full` when the page shows the lineage itself; default `minimal`. */
  lineage?: TraceQuestion['lineage']
  /** Keeps the job's addresses under this name, so that `resume()` finds it after a reload. */
  rememberAs?: string
  /**
   * What becomes of the job when the component goes: it goes on (`detach`, the default), or is cancelled (`cancel`).
   * Leaving or reloading the page always detaches.
   */
  onLeave?: 'detach' | 'cancel'
}

export interface JobProgress extends JobProgressFacts {
  /** What is going on, in the chosen language. */
  readonly message: string
}

export interface UseTraceProgressReturn<TDomains extends object = AnyDomains> {
  /** Everything at one moment; told apart by `status`. */
  state: Readonly<ShallowRef<TraceState<TDomains>>>
  status: ComputedRef<TraceStatus>
  /** `null` unless running. */
  currentStage: ComputedRef<Stage | null>
  completedStages: ComputedRef<readonly Stage[]>
  stageResults: ComputedRef<StageResults>
  /** How many seeds and containers there are; known after a reload too. */
  stageCounts: ComputedRef<StageCounts>
  stageErrors: ComputedRef<StageErrors>
  isRunning: ComputedRef<boolean>
  jobProgress: ComputedRef<JobProgress>
  domains: ComputedRef<DomainRecords<TDomains>>
  aggregation: ComputedRef<unknown>
  /** The containers that the question starts from; `null` until the first of them are here. */
  seeds: ComputedRef<RecordList | null>
  /** Of what was asked for by value, what was not found; `null` until it is known, and where the server does not say. */
  unmatched: ComputedRef<Unmatched | null>
  error: ComputedRef<TraceError | null>
  /** Whether `resume()` has a job to go on with. */
  resumable: ComputedRef<boolean>
  /** Asks a question, in place of any before it. All promises resolve with the last state; none rejects. */
  execute: (params: Record<string, unknown>) => Promise<TraceState<TDomains>>
  /** Goes on from the stage that failed; after a partial result, with the failed domains. */
  retry: () => Promise<TraceState<TDomains>>
  /** Goes on with the job left off, or remembered, or given. */
  resume: (job?: RememberedJob) => Promise<TraceState<TDomains>>
  /** Stops watching, at once. The job goes on. */
  abort: () => void
  /** Stops watching at once, cancels the job for this caller, and says what the server answered. */
  cancel: () => Promise<CancelAnswer>
  /** Forgets everything, the remembered job too. */
  reset: () => void
  /** The message of an error for people; default: of the present error, in the chosen language. */
  errorMessage: (error?: TraceError | null, locale?: Locale) => string
}
