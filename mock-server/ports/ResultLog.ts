import type { TraceErrorCode } from '../../src/errors.js'
import type { JobPhase, JobState } from '../../src/protocol/index.js'
import type { StoredChunk } from './ChunkCodec.js'

/** What is known of a job from its first moment. */
export interface JobDescriptor {
  jobId: string
  /** The caller it belongs to; every other caller gets 404. Empty when callers are not told apart. */
  owner: string
  /**
   * `events`: rows of CIDs that came with the question, domain by domain. `run`: a whole question, whose seeds and
   * lineage are found by the job; several of its domains may be open at once.
   */
  kind: JobKind
  profile: string
  /** The domains of the log, in the order they are begun. */
  domains: string[]
  /** `null` until a run has found all of them. */
  cidCount: number | null
  /** Whether it may have the place that is kept for small jobs; left out: no. */
  isSmall?: boolean
  createdAtMs: number
}

/**
 * How a job is stored: its facts, entries, chunks and lists. What an older server or worker could not read, or would go
 * on with wrongly, is another format with a name of its own. Jobs of the first one, `lines-1`, do not say so: they had
 * one checkpoint, counted in batches of ids.
 */
export const JOB_FORMAT = 'lines-2'

export const JOB_KINDS = ['events', 'run'] as const
export type JobKind = (typeof JOB_KINDS)[number]

/** How far the writer is in a domain. Its ids are fetched from the first on; those that are done have all their rows in the log. */
export interface DomainCheckpoint {
  /** Ids done, from the beginning of their list. */
  idsDone: number
  /** Places after them, counted from `idsDone`, that are done too: a batch of ids may be committed before its end. */
  placesDone: number[]
  /** Of a domain that is fetched without ids: where the source goes on; `null`: nothing is left. Left out: at its beginning. */
  after?: string | null
}

/** Where a domain begins, and begins anew. */
export const DOMAIN_BEGINNING: DomainCheckpoint = { idsDone: 0, placesDone: [] }

/** How far a run is in the stages before the rows. */
export interface StageCheckpoint {
  /** Where the source goes on with seeds: the token of its last page; `null` before the first. */
  seedsAfter: string | null
  areSeedsDone: boolean
  /** Seeds whose lineage is in the log. */
  seedsTraced: number
}

export const STAGES_BEGINNING: StageCheckpoint = { seedsAfter: null, areSeedsDone: false, seedsTraced: 0 }

/**
 * What a run keeps beside its rows, each a list of chunks: `seeds` ids of each page of seeds; `matched` values of the
 * question that found something; `cids` ids to fetch the rows of, in order; `lineage` relatives by id, `roots` names by
 * seed, `detections` as the source gives them; `postings` what the rows say about defects.
 */
export const JOB_LISTS = ['seeds', 'matched', 'cids', 'lineage', 'roots', 'detections', 'postings'] as const
export type JobList = (typeof JOB_LISTS)[number]

/** One sequenced line: everything needed to write it, save for the rows themselves. */
export type LogEntry = { seq: number; domain: string } & (
  | { type: 'domain_start' }
  | { type: 'records'; batch: number; count: number; textBytes: number }
  | { type: 'domain_end'; count: number }
  /** Everything of the domain since `fromSeq` counts for nothing. */
  | { type: 'domain_failed'; code: TraceErrorCode; fromSeq: number }
  /** Values of the question that found nothing; stands after the end of `domain`. */
  | { type: 'unmatched'; count: number; textBytes: number }
)

/** An entry whose line is stored as a chunk; all other lines are made of the entry. */
export type StoredLine = Extract<LogEntry, { textBytes: number }>

/** An entry to append; a stored line is complete with LF. */
export type NewLogEntry = Exclude<LogEntry, StoredLine> | (StoredLine & { chunk: StoredChunk })

/** What a writer adds to a job in one step, all of it or nothing. */
export interface Commit {
  /** Gap-free from `head + 1`. */
  entries: NewLogEntry[]
  /** Chunks to append to the job's lists, in their order. */
  lists: { list: JobList; chunk: StoredChunk }[]
  /** Of the domains that have moved, by name. */
  checkpoints: ReadonlyMap<string, DomainCheckpoint>
  /** Left out: as before. */
  stages?: StageCheckpoint
  progress: CommitProgress
}

/** A domain of a job as it is now. */
export interface DomainSnapshot {
  name: string
  state: 'waiting' | 'running' | 'done' | 'failed'
  /** Rows a reader of the whole log gets. */
  rows: number
  code: TraceErrorCode | null
  checkpoint: DomainCheckpoint
}

/** A job as it is now. Times in milliseconds since the epoch. */
export interface JobSnapshot extends Omit<JobDescriptor, 'domains'> {
  /** In the order they are fetched. */
  domains: DomainSnapshot[]
  state: JobState
  phase: JobPhase
  epoch: string
  /** Writers so far, this one included; 0 before the first. */
  attempt: number
  /** Last sequence number; 1 is the `meta` line, which every log has from the start. */
  head: number
  stages: StageCheckpoint
  /** The domain being fetched; of a run, whose domains are fetched side by side, `null`. */
  currentDomain: string | null
  /** CIDs of `currentDomain` done; of a run, of the domain that has done the fewest. */
  cidsDone: number
  seedsDone: number
  /** `null` until a run has found all of them; in `events` jobs always. */
  seedsTotal: number | null
  rows: number
  textBytes: number
  startedAtMs: number | null
  completedAtMs: number | null
  /** When the result will be gone; while the job runs, when it would be if nothing more happened. */
  expiresAtMs: number
  error: { code: TraceErrorCode; message: string } | null
  cancelRequested: boolean
}

/** A writer's right to write to a log. */
export interface LogLease {
  lease: number
  snapshot: JobSnapshot
}

export interface CommitProgress {
  phase: JobPhase
  currentDomain: string | null
  cidsDone: number
  /** Left out: as before. A run tells them as it learns them. */
  cidCount?: number
  seedsDone?: number
  seedsTotal?: number
}

export type JobOutcome =
  /** `aggregation` is a complete `{"type":"aggregation","data":…}` line. */
  | { state: 'completed'; aggregation: StoredChunk | null }
  | { state: 'failed' | 'cancelled'; error: { code: TraceErrorCode; message: string } }

/**
 * The ordered logs of all jobs, and their states. Every adapter passes `contracts/resultLog.contract.ts`.
 *
 * A log is a gap-free row of entries (`seq` 1 is the implied `meta`), appended by one writer at a time. Where servers and
 * workers of several releases share a store, every method but `delete` throws `STORE_UNAVAILABLE` for a job whose format
 * is unknown here, and leaves the job as it is.
 * `jobStates.ts` says what may happen to a job in which state; what may not is refused as the methods say.
 */
export interface ResultLog {
  /**
   * Makes a queued job, with an epoch of its own and an empty log.
   *
   * @throws {TraceError} `STORE_UNAVAILABLE`, `MEMORY_GUARD` when the store is full
   */
  create: (job: JobDescriptor) => Promise<void>
  /** The job, `null` when it was never here, or `'expired'` for a day after it has gone. */
  snapshot: (jobId: string) => Promise<JobSnapshot | 'expired' | null>
  /**
   * Begins an attempt, with a lease of its own; older leases are refused from now on.
   *
   * @throws {TraceError} `JOB_NOT_FOUND`; `JOB_CANCELLED` when the job has ended or is being cancelled
   */
  open: (jobId: string) => Promise<LogLease>
  /**
   * Appends entries and chunks of lists, and moves the checkpoints: all of it or nothing.
   *
   * @throws {TraceError} `STALE_LEASE` if another writer has taken over or the job has ended;
   *   `RESULT_TOO_LARGE` when the store cannot take more
   */
  commit: (jobId: string, lease: number, commit: Commit) => Promise<void>
  /** Ends the job, and starts its time to live. `lease: null` is for the queue, when the writer is gone. */
  finish: (jobId: string, lease: number | null, outcome: JobOutcome) => Promise<void>
  /**
   * Adds a caller, named by a ticket, to a job that is queued, running or completed; `false` when it has failed or
   * was cancelled. A ticket counts once.
   *
   * @throws {TraceError} `JOB_NOT_FOUND`
   */
  join: (jobId: string, ticket: string) => Promise<boolean>
  /**
   * Takes a caller's ticket back. When no caller is left a queued job is cancelled at once, and a running one is marked
   * as being cancelled: its writer ends it. `ticket: null` stands for the one caller there is; where there are several
   * it changes nothing. A ticket that the job does not have (any more) changes nothing either.
   *
   * @returns `wanted`: by others still; `cancelled`: now, or being cancelled; `ended`: it had ended before
   * @throws {TraceError} `JOB_NOT_FOUND`
   */
  leave: (jobId: string, ticket: string | null) => Promise<'wanted' | 'cancelled' | 'ended'>
  /**
   * Queues an ended job again, for the caller with `ticket` alone: a failed one from its checkpoints on, a completed
   * one with its failed domains, each from its beginning on. `false` when there is nothing to go on with.
   *
   * @throws {TraceError} `JOB_NOT_FOUND`
   */
  reopen: (jobId: string, ticket: string) => Promise<boolean>
  /**
   * Up to `limit` entries after `afterSeq`, oldest first.
   *
   * @throws {TraceError} `JOB_RESULT_EXPIRED` for a day after the job has gone, then `JOB_NOT_FOUND`; so do `chunk`,
   *   `list` and `aggregation`; `CHUNK_MISSING` when what should be there is lost or damaged
   */
  entries: (jobId: string, afterSeq: number, limit: number) => Promise<LogEntry[]>
  chunk: (jobId: string, seq: number) => Promise<StoredChunk>
  /** The chunks of a list, in their order; none where nothing was appended. */
  list: (jobId: string, list: JobList) => AsyncIterable<StoredChunk>
  /** The aggregation line of a completed job, if it has one. */
  aggregation: (jobId: string) => Promise<StoredChunk | null>
  /** Resolves when the job is no longer as `seen` (head, state, phase or cids), or `signal` aborts; never rejects. */
  changed: (
    jobId: string,
    seen: Pick<JobSnapshot, 'head' | 'state' | 'epoch'>,
    signal: AbortSignal,
  ) => Promise<void>
  /** Forgets a job and its rows; later questions find nothing. */
  delete: (jobId: string) => Promise<void>
}
