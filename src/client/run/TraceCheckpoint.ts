import type { JobAccepted, LineageAnswer, SeedAnswer } from '../../protocol/index.js'
import type { StreamPosition } from '../judge/StreamPosition.js'

/** From where a run can go on: all that an earlier run has already got. Immutable. */
export interface TraceCheckpoint {
  readonly seeds?: SeedAnswer
  readonly lineage?: LineageAnswer
  readonly job?: JobAccepted
  /** What the reader of the updates holds of the job's log. Without it the log is read from the start. */
  readonly position?: StreamPosition
  /** Domains still to be asked for; default: all of the question. The others are held and stay. */
  readonly domains?: readonly string[]
  /** The job has ended without a whole result: the server is asked to go on with it. */
  readonly mustRerun?: boolean
  /** The server's stored result is of no use: it is asked to begin anew. */
  readonly mustBeFresh?: boolean
}
