import type { TraceErrorCode } from '../../../src/errors.js'
import type { BatchStore, JobList, ResultLog, StoredChunk } from '../../ports/index.js'

/** What of the log a worker calls, and is answered once. */
export const LOG_METHODS = ['open', 'commit', 'finish', 'entries', 'chunk'] as const

/** What of the main thread a worker reaches. */
export interface MainThread {
  log: Pick<ResultLog, (typeof LOG_METHODS)[number] | 'list'>
  store: Pick<BatchStore, 'get'>
  /** Tells the operator. */
  warn: (message: string) => void
}

/** What a worker tells without waiting for an answer. */
export interface Warning {
  warn: string
}

/** What a worker asks the main thread for; each call is answered once, by its `id`. */
export type Call =
  | { id: number; call: (typeof LOG_METHODS)[number]; args: unknown[] }
  /** Opens a list of the store; answers a handle, or `null` when there is no such list. */
  | { id: number; call: 'openList'; args: [key: string] }
  /** Opens a list of a job; answers a handle. */
  | { id: number; call: 'openJobList'; args: [jobId: string, list: JobList] }
  | { id: number; call: 'nextChunk' | 'closeList'; args: [handle: number] }

export type NextChunk = StoredChunk | null

/** An error on its way between threads; `code` is `null` for one that is not ours. */
export interface ErrorFacts {
  code: TraceErrorCode | null
  message: string
}

/** What the main thread sends. */
export type Reply = { id: number; value: unknown } | { id: number; error: ErrorFacts } | { abort: ErrorFacts }
