import { TraceError } from '../../../src/errors.js'
import { DOMAIN_STATE_AFTER, isAllowed, type JobEvent } from '../../ports/jobStates.js'
import type {
  Checkpoint,
  CommitProgress,
  JobDescriptor,
  JobOutcome,
  JobSnapshot,
  LogEntry,
  NewLogEntry,
  StoredChunk,
} from '../../ports/index.js'

/** Sequence number of the `meta` line, which every log begins with and no store keeps. */
export const META_SEQ = 1

/** One job as it lies in memory. */
export interface MemoryJob {
  snapshot: JobSnapshot
  lease: number
  /** From seq 2 on, without a gap. */
  entries: LogEntry[]
  chunks: Map<number, StoredChunk>
  aggregation: StoredChunk | null
  storedBytes: number
  /** Of callers who have joined, and have not left. */
  tickets: Set<string>
  waiters: Set<() => void>
}

export function makeJob(descriptor: JobDescriptor, epoch: string, expiresAtMs: number): MemoryJob {
  return {
    snapshot: {
      ...descriptor,
      state: 'queued',
      phase: 'queued',
      epoch,
      attempt: 0,
      head: META_SEQ,
      checkpoint: { domainIndex: 0, idBatchesDone: 0, rowsDone: 0 },
      domains: descriptor.domains.map((name) => ({ name, state: 'waiting', rows: 0, code: null })),
      currentDomain: null,
      cidsDone: 0,
      rows: 0,
      textBytes: 0,
      startedAtMs: null,
      completedAtMs: null,
      expiresAtMs,
      error: null,
      cancelRequested: false,
    },
    lease: 0,
    entries: [],
    chunks: new Map(),
    aggregation: null,
    storedBytes: 0,
    tickets: new Set(),
    waiters: new Set(),
  }
}

/** Begins an attempt, with a lease that replaces the last. */
export function beginAttempt(job: MemoryJob, nowMs: number) {
  const { snapshot } = job
  if (!isAllowed(snapshot, 'open')) {
    throw new TraceError('JOB_CANCELLED', `Job ${snapshot.jobId} has ended; there is nothing to write`)
  }
  job.lease += 1
  snapshot.attempt += 1
  snapshot.state = 'running'
  snapshot.phase = 'fetching'
  snapshot.startedAtMs ??= nowMs
}

/** @throws {TraceError} `STALE_LEASE` when the job is in no state for `event`, or `lease` is not the last one given */
export function checkLease({ snapshot, lease: present }: MemoryJob, lease: number, event: JobEvent) {
  if (isAllowed(snapshot, event) && lease === present) return
  throw new TraceError('STALE_LEASE', `Writer ${lease} of job ${snapshot.jobId} has been replaced or ended`)
}

/** @throws {TraceError} `SEQUENCE_GAP` when the entries do not go on from the log's head */
export function checkSequence({ snapshot }: MemoryJob, entries: NewLogEntry[]) {
  entries.forEach(({ seq }, index) => {
    const expected = snapshot.head + 1 + index
    if (seq !== expected) throw new TraceError('SEQUENCE_GAP', `Entry ${expected} was to come, not ${seq}`)
  })
}

/** Appends checked entries, and moves the checkpoint. */
export function append(
  job: MemoryJob,
  entries: NewLogEntry[],
  checkpoint: Checkpoint,
  progress: CommitProgress,
) {
  const { snapshot } = job
  for (const entry of entries) {
    const domain = snapshot.domains.find(({ name }) => name === entry.domain)
    if (domain) domain.state = DOMAIN_STATE_AFTER[entry.type]
    if (entry.type === 'records') {
      const { chunk, ...line } = entry
      job.chunks.set(entry.seq, chunk)
      job.entries.push(line)
      snapshot.textBytes += entry.textBytes
      if (domain) domain.rows += entry.count
    } else {
      job.entries.push({ ...entry })
      if (domain && entry.type === 'domain_start') Object.assign(domain, { rows: 0, code: null })
      if (domain && entry.type === 'domain_failed') Object.assign(domain, { rows: 0, code: entry.code })
    }
    snapshot.head = entry.seq
  }
  snapshot.rows = snapshot.domains.reduce((sum, { rows }) => sum + rows, 0)
  snapshot.checkpoint = { ...checkpoint }
  Object.assign(snapshot, progress)
}

/** A job that did not complete keeps the phase it was in when it stopped. */
export function end({ snapshot }: MemoryJob, outcome: JobOutcome, nowMs: number, ttlMs: number) {
  snapshot.state = outcome.state
  snapshot.currentDomain = null
  snapshot.completedAtMs = nowMs
  snapshot.expiresAtMs = nowMs + ttlMs
  if (outcome.state === 'completed') snapshot.phase = 'done'
  else snapshot.error = { ...outcome.error }
}

export function copySnapshot(snapshot: JobSnapshot): JobSnapshot {
  return {
    ...snapshot,
    domains: snapshot.domains.map((domain) => ({ ...domain })),
    checkpoint: { ...snapshot.checkpoint },
    error: snapshot.error && { ...snapshot.error },
  }
}

/** Queues an ended job again; `false` when there is nothing to go on with. */
export function requeue(job: MemoryJob): boolean {
  const { snapshot } = job
  if (!isAllowed(snapshot, 'retry')) return false
  if (snapshot.state === 'completed') {
    const firstFailed = snapshot.domains.findIndex(({ state }) => state === 'failed')
    for (const domain of snapshot.domains) {
      if (domain.state === 'failed') Object.assign(domain, { state: 'waiting', rows: 0, code: null })
    }
    snapshot.checkpoint = { domainIndex: firstFailed, idBatchesDone: 0, rowsDone: 0 }
  }

  snapshot.state = snapshot.phase = 'queued'
  snapshot.completedAtMs = snapshot.error = null
  snapshot.cancelRequested = false
  job.aggregation = null
  return true
}
