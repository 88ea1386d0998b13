import type { TraceError } from '../../errors.js'
import type { WaitReason } from '../../messages/MessageCatalogue.js'
import type {
  JobAccepted,
  JobProgressDetail,
  JobStatus,
  LineageAnswer,
  SeedAnswer,
  Stage,
  Unmatched,
} from '../../protocol/index.js'
import type { RecordBatch } from '../../records/RecordBatch.js'
import type { TraceCheckpoint } from './TraceCheckpoint.js'

/** One thing that happened in a run. */
export type TraceDelta =
  /** Also when a stage that was refused is asked again. */
  | { type: 'stage-started'; stage: Stage }
  | { type: 'seeds'; seeds: SeedAnswer }
  | { type: 'lineage'; lineage: LineageAnswer }
  | { type: 'job-accepted'; job: JobAccepted }
  | { type: 'job-status'; status: JobStatus }
  /** The server no longer knows the job. The question is asked anew, and its rows replace those held. */
  | { type: 'job-lost'; error: TraceError }
  | { type: 'progress'; progress: JobProgressDetail }
  /** Nothing comes until this is over; the next update of another type says that it is. */
  | {
      type: 'waiting'
      reason: WaitReason
      error: TraceError | null
      retryInMs: number | null
    }
  /** All rows held so far are void. */
  | { type: 'rows-dropped' }
  /** Rows of this domain follow; those held of it are void. */
  | { type: 'domain-started'; domain: string; total: number | null }
  | { type: 'rows'; domain: string; batch: RecordBatch }
  | { type: 'domain-ended'; domain: string; count: number }
  /** Of what was asked for by value, this was not found. */
  | { type: 'unmatched'; unmatched: Unmatched }
  /** Rows held of this domain are void. */
  | { type: 'domain-failed'; domain: string; code: string }
  | { type: 'aggregation'; data: unknown }

/** What happened, and from where a new run can go on after it. */
export type TraceUpdate = TraceDelta & { checkpoint: TraceCheckpoint }

/** How a run ended. An abort is an end, not an error. */
export type TraceOutcome = { checkpoint: TraceCheckpoint } & (
  | { status: 'complete' }
  /** The server declared these domains failed; the others are whole. `error` is `EVENTS_PARTIAL_FAILURE`, its `cause` what the server said of one of them. */
  | { status: 'partial'; failedDomains: string[]; error: TraceError }
  | { status: 'failed'; stage: Stage; error: TraceError }
  | { status: 'aborted' }
)

/** What a part of a run reports: a delta, and what it changes in the checkpoint. */
export interface TraceStep {
  delta: TraceDelta
  checkpoint?: Partial<TraceCheckpoint>
}
