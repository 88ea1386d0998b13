import type { TraceError, TraceErrorCode } from '../../errors.js'
import type { JobAccepted, LineageAnswer, SeedAnswer } from '../../protocol/index.js'
import type { StreamPosition } from '../judge/StreamPosition.js'

/** From where a run can go on: all that an earlier run has already got. Immutable. */
export interface TraceCheckpoint {
  readonly seeds?: SeedAnswer
  readonly lineage?: LineageAnswer
  readonly job?: JobAccepted
  /** What the reader of the updates holds of the job's log. Without it the log is read from the start. */
  readonly position?: StreamPosition
  /** Domains still to be had by stages; default: all of the question. The others are held and stay. */
  readonly domains?: readonly string[]
  /** The job has ended without a whole result: the server is asked to go on with it. */
  readonly mustRerun?: boolean
  /** The server's stored result is of no use: it is asked to begin anew. */
  readonly mustBeFresh?: boolean
}

/** The connection or the page's patience ended, not the job: it can be read on. */
const JOB_GOES_ON: ReadonlySet<TraceErrorCode> = new Set([
  'RETRIES_EXHAUSTED',
  'STREAM_TRUNCATED',
  'STREAM_SILENT',
  'NETWORK_ERROR',
  'REQUEST_TIMEOUT',
  'TOO_MANY_REQUESTS',
  'UNAUTHORIZED',
])

/** The job ended badly, and its server may be able to go on with it. */
const JOB_CAN_RERUN: ReadonlySet<TraceErrorCode> = new Set([
  'SEED_RESOLVE_FAILED',
  'LINEAGE_TIMEOUT',
  'LINEAGE_FAILED',
  'JOB_FAILED',
  'JOB_TIMEOUT',
  'WORKER_LOST',
  'JOB_OUT_OF_MEMORY',
  'EVENTS_AGGREGATION_FAILED',
  'STORE_UNAVAILABLE',
  'SOURCE_UNAVAILABLE',
  'SOURCE_TIMEOUT',
  'SOURCE_MISCONFIGURED',
  'INTERNAL_ERROR',
])

/** There is no such job any more; asking again makes a new one. */
const JOB_IS_GONE: ReadonlySet<TraceErrorCode> = new Set([
  'JOB_NOT_FOUND',
  'JOB_RESULT_EXPIRED',
  'JOB_CANCELLED',
  'NOT_FOUND',
])

/** From where a run that failed with `error` can go on. */
export function checkpointAfter(checkpoint: TraceCheckpoint, { code }: TraceError): TraceCheckpoint {
  const { job, position, mustRerun: _, ...stages } = checkpoint
  if (!job) return checkpoint
  if (JOB_GOES_ON.has(code)) return { ...stages, job, position }
  if (JOB_CAN_RERUN.has(code)) return job.followUrl ? { ...stages, job, position, mustRerun: true } : stages
  if (JOB_IS_GONE.has(code)) return stages
  // The stored result is damaged, or cannot be read: joining the same job would only repeat that.
  return { ...stages, mustBeFresh: true }
}
