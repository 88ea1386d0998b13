import type { TraceErrorCode } from '../errors.js'
import type { JobPhase, Stage } from '../protocol/index.js'

/** Why nothing comes for the moment. */
export type WaitReason = 'retry' | 'offline' | 'hidden'

/**
 * All texts of one language. In error texts `{message}` stands for the server's own words and `{seconds}`
 * for the wait it asked for.
 */
export interface MessageCatalogue {
  /** What happened and what to do, in one sentence each. */
  errors: Readonly<Record<TraceErrorCode, string>>
  stages: Readonly<Record<Stage, string>>
  phases: Readonly<Record<JobPhase, string>>
  waits: Readonly<Record<WaitReason, string>>
}

/** A language of a user's own; what it lacks is shown in English. */
export type PartialCatalogue = { [K in keyof MessageCatalogue]?: Partial<MessageCatalogue[K]> }
