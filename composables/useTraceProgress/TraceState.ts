import type { TraceError } from '../../src/errors.js'
import type { WaitReason } from '../../src/messages/MessageCatalogue.js'
import type {
  JobPhase,
  JobState,
  LineageAnswer,
  SeedAnswer,
  Stage,
  Unmatched,
} from '../../src/protocol/index.js'
import type { RecordList } from '../../src/records/RecordList.js'
import type { Row } from '../../src/records/Row.js'

/** Rows by domain when nothing more is known of them. */
export type AnyDomains = Record<string, Row>

/** The rows of each domain; a domain is there from its first line on. */
export type DomainRecords<TDomains extends object = AnyDomains> = string extends keyof TDomains
  ? Readonly<Record<string, RecordList | undefined>>
  : { readonly [K in keyof TDomains]?: RecordList<Extract<TDomains[K], object>> }

/** How far the job, and with it the rows, are; `null` where it is unknown. */
export interface JobProgressFacts {
  readonly jobId: string | null
  readonly status: JobState | null
  readonly phase: JobPhase | null
  /** The domain being fetched; `null` where several are at once. */
  readonly domain: string | null
  /** How many seeds are traced, and how many there are. Only a job that finds its seeds tells them. */
  readonly seedsDone: number | null
  readonly seedsTotal: number | null
  /** Containers of `domain`, or of the domain that is the furthest behind, done; and those of the whole question. */
  readonly cidsDone: number | null
  readonly cidsTotal: number | null
  /** The job's age when the server last said that it runs. */
  readonly elapsedSeconds: number | null
  /** 0 is next in line. */
  readonly queuePosition: number | null
  /** Rows of events; those of `seeds` and `detections` are not among them. */
  readonly rowsLoaded: number
  /** `null` too when a domain has failed. */
  readonly rowsTotal: number | null
  /** The server's average over the job so far, whether or not the rows are here. */
  readonly rowsPerSecond: number | null
  /** 0 to 1; after a partial result, the share of its domains that are whole. */
  readonly fraction: number | null
  readonly etaSeconds: number | null
  /** Whether the server has lost the job and the run has asked the question anew. */
  readonly isAskedAnew: boolean
  /** Why the run is waiting. */
  readonly waiting: WaitReason | null
  /** Until the next try; counts down while `waiting`. */
  readonly retryInSeconds: number | null
}

/** What the events stage gave. */
export interface EventsSummary {
  readonly totalRecords: number
  /** Rows of each whole domain. */
  readonly counts: Readonly<Record<string, number>>
  readonly failedDomains: readonly string[]
}

/** What each stage gave. Of a job that does them all, only the events: its seeds are rows. */
export interface StageResults {
  readonly seed: SeedAnswer | null
  readonly lineage: LineageAnswer | null
  readonly events: EventsSummary | null
}

export interface StageErrors {
  readonly seed: TraceError | null
  readonly lineage: TraceError | null
  readonly events: TraceError | null
}

/** How many the first two stages found; `null` while unknown. */
export interface StageCounts {
  readonly seeds: number | null
  readonly containers: number | null
}

/** What every state has. */
export interface TraceFacts<TDomains extends object = AnyDomains> {
  readonly completedStages: readonly Stage[]
  readonly stageResults: StageResults
  /** Known after a reload too, when `stageResults` no longer are. */
  readonly stageCounts: StageCounts
  readonly stageErrors: StageErrors
  readonly jobProgress: JobProgressFacts
  readonly domains: DomainRecords<TDomains>
  /** The figures of a defect trace, as the server gave them. */
  readonly aggregation: unknown
  /**
   * Of what was asked for by value, how much was not found, and the first of it by name. `null` until it is known, and
   * where the server does not say or the question is not one by values.
   */
  readonly unmatched: Unmatched | null
  /** How many values the question asks for; `null` where it asks for none. */
  readonly valueCount: number | null
}

/**
 * The state of a trace, told apart by `status`. Rows of a `failed` or `aborted` trace stay readable; only
 * those of `complete` are known to be all, and of `partial` all but those of `failedDomains`.
 */
export type TraceState<TDomains extends object = AnyDomains> = TraceFacts<TDomains> &
  (
    | { readonly status: 'idle'; readonly stage: null; readonly error: null }
    | { readonly status: 'running'; readonly stage: Stage; readonly error: null }
    | { readonly status: 'complete'; readonly stage: null; readonly error: null }
    | {
        readonly status: 'partial'
        readonly stage: null
        readonly error: TraceError
        readonly failedDomains: readonly string[]
      }
    /** `stage` is the one that failed. */
    | { readonly status: 'failed'; readonly stage: Stage; readonly error: TraceError }
    /** `stage` is the one that was running. */
    | { readonly status: 'aborted'; readonly stage: Stage; readonly error: null }
  )

export type TraceStatus = TraceState['status']
export type RunningState = Extract<TraceState, { status: 'running' }>

const NO_JOB: JobProgressFacts = Object.freeze({
  jobId: null,
  status: null,
  phase: null,
  domain: null,
  seedsDone: null,
  seedsTotal: null,
  cidsDone: null,
  cidsTotal: null,
  elapsedSeconds: null,
  queuePosition: null,
  rowsLoaded: 0,
  rowsTotal: null,
  rowsPerSecond: null,
  fraction: null,
  etaSeconds: null,
  isAskedAnew: false,
  waiting: null,
  retryInSeconds: null,
})

/** Before the first question. */
export const IDLE: Extract<TraceState, { status: 'idle' }> = Object.freeze({
  status: 'idle',
  stage: null,
  error: null,
  completedStages: [],
  stageResults: { seed: null, lineage: null, events: null },
  stageCounts: { seeds: null, containers: null },
  stageErrors: { seed: null, lineage: null, events: null },
  jobProgress: NO_JOB,
  domains: Object.freeze(Object.create(null) as Record<string, never>),
  aggregation: null,
  unmatched: null,
  valueCount: null,
})

/** The original's names for the stages. */
export const STAGE_KEYS = {
  'seed-resolve': 'seed',
  lineage: 'lineage',
  events: 'events',
} as const satisfies Record<Stage, keyof StageResults>

/** A run that begins: with nothing, or with what an earlier one has left. */
export function running(
  before: TraceFacts = IDLE,
  stage: Stage = 'seed-resolve',
  valueCount: number | null = before.valueCount,
): RunningState {
  const { completedStages, stageResults, stageCounts, jobProgress, domains, aggregation, unmatched } = before
  const { jobId, seedsTotal, cidsTotal, rowsLoaded } = jobProgress
  return {
    status: 'running',
    stage,
    error: null,
    completedStages,
    stageResults: { ...stageResults, events: null },
    stageCounts,
    stageErrors: IDLE.stageErrors,
    jobProgress: { ...NO_JOB, jobId, seedsTotal, cidsTotal, rowsLoaded },
    domains,
    aggregation,
    unmatched,
    valueCount,
  }
}
