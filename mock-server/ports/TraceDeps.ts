import type { SourceDescription } from '../../src/protocol/index.js'
import type {
  BatchStore,
  ChunkCodec,
  Clock,
  JobQueue,
  LegacyResults,
  OpenTableFile,
  QuestionIndex,
  ResultLog,
  TraceSource,
} from './index.js'

/** What operators can set; see `.env.example` for the meanings. */
export interface TraceSettings {
  asyncEnabled: boolean
  asyncCidThreshold: number
  eventsCidLimit: number
  /** Most CIDs of a run; beyond them the job fails. */
  runCidLimit: number
  /** Largest events question whose answer is cached, in CIDs. */
  cacheCidLimit: number
  cacheTtlSeconds: number
  jobTtlSeconds: number
  jobTimeoutSeconds: number
  streamBatchSize: number
  idBatchSize: number
  /** Queries of one job that its source answers at a time. */
  sourceConcurrency: number
  queueLimit: number
  /** Most CIDs, or values of a run, of a job that may have the place for small ones; `0`: none may. */
  smallQuestionLimit: number
  /** `0`: no guard. */
  memoryGuardMb: number
}

/** As the design has it; tests change what they are about. */
export const DEFAULT_SETTINGS: Readonly<TraceSettings> = {
  asyncEnabled: true,
  asyncCidThreshold: 20_000,
  eventsCidLimit: 50_000,
  runCidLimit: 500_000,
  cacheCidLimit: 10_000,
  cacheTtlSeconds: 300,
  jobTtlSeconds: 3_600,
  jobTimeoutSeconds: 1_800,
  streamBatchSize: 5_000,
  idBatchSize: 1_000,
  sourceConcurrency: 4,
  queueLimit: 100,
  smallQuestionLimit: 1_000,
  memoryGuardMb: 1_024,
}

/** Everything the use cases stand on. */
export interface TraceDeps {
  source: TraceSource
  /** What the source says of itself, checked. */
  description: SourceDescription
  log: ResultLog
  /** A log of this process for answers given at once: they are written from it, chunk by chunk. */
  answers: ResultLog
  store: BatchStore
  /** A store of this process: lineages go there while `store` is away. Default: none. */
  nearStore?: BatchStore
  queue: JobQueue
  questions: QuestionIndex
  /** Jobs of the original service, where its store is shared. */
  legacy?: LegacyResults
  codec: ChunkCodec
  /** Writes Parquet files. Default: there is no export of this format. */
  openParquet?: OpenTableFile
  clock: Clock
  settings: Readonly<TraceSettings>
  /** Memory this process uses; default: unknown, no guard. */
  memoryUsedMb?: () => number
  /** Called with the number of rows that leave this server. */
  rowsSent?: (rows: number) => void
  /** Called with what operators should know and callers need not. */
  warn?: (message: string) => void
  /** Aborts when the server stops: followers are sent away, to resume later. */
  stopping?: AbortSignal
}

/** The sender of a request. */
export interface Caller {
  /** Owner of jobs, lineages and cached answers; empty when callers are not told apart. */
  owner: string
  /** Aborts when the caller waits no more. */
  signal: AbortSignal
  /** Whether an answer from a cache will not do. */
  fresh: boolean
}
