import type { TraceErrorCode } from '../errors.js'
import type { JobPhase, Stage } from '../protocol/index.js'

/**
 * Why nothing arrives at the moment. `retry`: the connection was lost. `offline`: there is no network. `hidden`: the page
 * is in the background. `busy`: the server said when to ask again. `silent`: the job has not changed for so long that it
 * may be lost.
 */
export type WaitReason = 'retry' | 'offline' | 'hidden' | 'busy' | 'silent'

/** What is going on, in one language. */
export interface ProgressTexts {
  stages: Readonly<Record<Stage, string>>
  phases: Readonly<Record<JobPhase, string>>
  /** `{seconds}` stands for the seconds until the next try. */
  waits: Readonly<Record<WaitReason, string>>
  notes: Readonly<Record<'askedAnew', string>>
}

/** All texts of one language. */
export interface MessageCatalogue extends ProgressTexts {
  /**
   * What happened and what to do, in one sentence each. `{message}` stands for the server's own words,
   * `{seconds}` for the wait it asked for.
   */
  errors: Readonly<Record<TraceErrorCode, string>>
}

/** A language of a user's own; what it lacks is shown in English. */
export type PartialCatalogue = { [K in keyof MessageCatalogue]?: Partial<MessageCatalogue[K]> }

/** A language that comes with the package, or one that the user has added. */
export type Locale = 'en' | 'zh-Hant-TW' | (string & {})

/** Languages by their BCP 47 tag. */
export type Catalogues = Readonly<Record<string, PartialCatalogue>>
