import { TraceError } from '../../../src/errors.js'
import { isTerminal } from '../../../src/protocol/index.js'
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
  /** Who has asked, and has not withdrawn. */
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
      domainStates: descriptor.domains.map(() => ({ state: 'waiting', rows: 0, code: null })),
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
  if (isTerminal(snapshot.state) || snapshot.cancelRequested) {
    throw new TraceError('JOB_CANCELLED', `Job ${snapshot.jobId} has ended; there is nothing to write`)
  }
  job.lease += 1
  snapshot.attempt += 1
  snapshot.state = 'running'
  snapshot.phase = 'fetching'
  snapshot.startedAtMs ??= nowMs
}

/** @throws {TraceError} `STALE_LEASE` when the job has ended, or `lease` is not the last one given */
export function checkLease({ snapshot, lease: present }: MemoryJob, lease: number) {
  if (snapshot.state === 'running' && lease === present) return
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
    const domain = snapshot.domainStates[snapshot.domains.indexOf(entry.domain)]
    if (entry.type === 'records') {
      const { chunk, ...line } = entry
      job.chunks.set(entry.seq, chunk)
      job.entries.push(line)
      snapshot.textBytes += entry.textBytes
      if (domain) domain.rows += entry.count
    } else {
      job.entries.push({ ...entry })
      if (domain && entry.type === 'domain_start')
        Object.assign(domain, { state: 'running', rows: 0, code: null })
      if (domain && entry.type === 'domain_end') domain.state = 'done'
      if (domain && entry.type === 'domain_failed') {
        Object.assign(domain, { state: 'failed', rows: 0, code: entry.code })
      }
    }
    snapshot.head = entry.seq
  }
  snapshot.rows = snapshot.domainStates.reduce((sum, { rows }) => sum + rows, 0)
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
    domains: [...snapshot.domains],
    checkpoint: { ...snapshot.checkpoint },
    domainStates: snapshot.domainStates.map((state) => ({ ...state })),
    error: snapshot.error && { ...snapshot.error },
  }
}

/** Queues an ended job again; `false` when there is nothing to go on with. */
export function requeue(job: MemoryJob): boolean {
  const { snapshot } = job
  const firstFailed = snapshot.domainStates.findIndex(({ state }) => state === 'failed')
  if (snapshot.state === 'completed' && firstFailed !== -1) {
    for (const domain of snapshot.domainStates) {
      if (domain.state === 'failed') Object.assign(domain, { state: 'waiting', rows: 0, code: null })
    }
    snapshot.checkpoint = { domainIndex: firstFailed, idBatchesDone: 0, rowsDone: 0 }
  } else if (snapshot.state !== 'failed') return false

  snapshot.state = snapshot.phase = 'queued'
  snapshot.completedAtMs = snapshot.error = null
  snapshot.cancelRequested = false
  job.aggregation = null
  return true
}
