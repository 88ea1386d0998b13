import type { SourceDescription } from '../../../src/protocol/index.js'
import type { Slices } from '../../../src/async/slices.js'
import type {
  BatchStore,
  ChunkCodec,
  Clock,
  LogEntry,
  LogLease,
  ResultLog,
  TraceSource,
} from '../../ports/index.js'
import type { TraceSettings } from '../../ports/TraceDeps.js'
import type { Question } from '../questions/Question.js'

/** What a worker stands on: less than the server, so that it can run elsewhere. */
export interface RunDeps {
  log: Pick<ResultLog, 'open' | 'commit' | 'finish' | 'entries' | 'chunk' | 'list'>
  source: TraceSource
  /** What the source says of itself, checked. */
  description: SourceDescription
  codec: ChunkCodec
  clock: Clock
  settings: Pick<TraceSettings, 'sourceConcurrency' | 'streamBatchSize' | 'idBatchSize' | 'runCidLimit'>
  /** Where the thread is others' too; default: it is not. */
  slices?: Slices
  store: Pick<BatchStore, 'get'>
  /** Of an `events` job; default: the one that is stored for it. */
  question?: Question
  warn?: (message: string) => void
}

/** One attempt at a job: what it may write, what is written, and what ends it. */
export interface Attempt {
  lease: LogLease
  /** Entries of earlier attempts that still count. */
  written: readonly LogEntry[]
  signal: AbortSignal
}
