import type { Clock, JobHandler } from '../mock-server/ports/index.js'

/** What a request is about. */
export type ExchangeKind =
  'seed-resolve' | 'lineage' | 'events' | 'status' | 'stream' | 'result' | 'cancel' | 'other'

/** One request and what is known of it. */
export interface Exchange {
  kind: ExchangeKind
  request: Request
  /** How many of this kind there have been, this one included. */
  attempt: number
  clock: Clock
}

/** A way for things to go wrong, or right. Made by the functions of `scenarios.ts`; `combine` joins several. */
export interface Scenario {
  name: string
  /** Domains for which every query fails. */
  failingDomains?: readonly string[]
  /** Stands between a request and its answer. */
  intercept?: (exchange: Exchange, answer: () => Promise<Response>) => Promise<Response>
  /** Stands between the queue and the worker. */
  wrapWorker?: (work: JobHandler, clock: Clock) => JobHandler
  /** Rows per second of the factory. */
  rowsPerSecond?: number
}
