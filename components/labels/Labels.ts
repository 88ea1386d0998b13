import type { Stage } from '../../src/protocol/index.js'
import type { TraceStatus } from '../../composables/useTraceProgress/TraceState.js'

/**
 * The components' own words in one language; those of errors, phases and waits come with the library.
 * `{…}` stands for a number or name, already formatted; those of
 * `{count}` may have a form for one and one for more, `one|many`.
 */
export interface Labels {
  progress: string
  stages: Readonly<Record<Stage, string>>
  statuses: Readonly<Record<TraceStatus, string>>
  /** Behind a stage: what it found. */
  seedsFound: string
  containersFound: string
  rowsFound: string
  /** `{done} of {total}` seeds are traced. */
  seedsTraced: string
  /** Behind the stage at work. */
  timeLeftOf: string
  /** The progress in words, for screen readers. */
  stageOf: string
  percentOf: string

  phase: string
  queuePosition: string
  containers: string
  rows: string
  rowsPerSecond: string
  elapsed: string
  timeLeft: string
  /** `{done} of {total}` */
  ofTotal: string
  stillRunning: string
  /** Of a job of which the server has had nothing new to say for a long time. */
  jobSilent: string

  abort: string
  abortHint: string
  cancel: string
  retry: string
  resume: string
  forget: string
  copyDetails: string
  copied: string

  completeWith: string
  foundNothing: string
  partialWith: string
  missingDomains: string
  rowsKept: string
  /** Of what was asked for by value: `{missing} of {asked}`, or `{count}` where it is not known how many those were. */
  unmatchedOf: string
  unmatched: string
  unmatchedList: string
  /** Below a list that is cut. */
  unmatchedShown: string
  copyUnmatched: string
  jobGoesOn: string
  jobCancelled: string
  aged: string
  expires: string
  expired: string

  jobs: string
  jobStillRunning: string
  jobStarted: string

  table: string
  filter: string
  sortAscending: string
  sortDescending: string
  /** Before the first row, and when there is known to be none. */
  rowsToCome: string
  noRows: string
  /** When none came: of a trace that has its rest, that failed, that was stopped. */
  noRowsCame: string
  noRowsFailed: string
  noRowsStopped: string
  noMatch: string
  /** Of a cell's whole text: `{column}`, `{row}`. */
  textOf: string
  copy: string
  close: string
  /** `{count} of {total} rows`, narrowed by a filter. */
  matching: string
}
