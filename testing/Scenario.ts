import type { Clock, JobHandler } from '../mock-server/ports/index.js'

/** What a request is about. */
export type ExchangeKind =
  'seed-resolve' | 'lineage' | 'events' | 'run' | 'status' | 'stream' | 'result' | 'cancel' | 'other'

/** One request and what is known of it. */
export interface Exchange {
  kind: ExchangeKind
  request: Request
  /** How many of this kind there have been, this one included. */
  attempt: number
  clock: Clock
}

/** A stage of a job: what its worker is at when something happens to it. */
export type WorkerStage = 'seeds' | 'lineage' | 'events'

/** A way for things to go wrong, or right. Made by the functions of `scenarios.ts`; `combine` joins several. */
export interface Scenario {
  name: string
  /** Domains for which every query fails. */
  failingDomains?: readonly string[]
  /** Stands between a request and its answer. */
  intercept?: (exchange: Exchange, answer: () => Promise<Response>) => Promise<Response>
  /** Stands between the queue and the worker. */
  wrapWorker?: (work: JobHandler, clock: Clock) => JobHandler
  /** The worker dies once of each job, at the first query of this stage; of events, behind the first rows. */
  workerDiesIn?: WorkerStage
  /** How long each lineage query takes, in ms. */
  lineageMs?: number
  /** Values that find nothing, whatever the source knows. */
  unknownValues?: readonly string[]
  /** Rows per second of the factory. */
  rowsPerSecond?: number
}
