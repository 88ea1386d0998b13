import { TraceError } from '../../../src/errors.js'
import { DOMAIN_STATE_AFTER, isAllowed, phaseWhenOpened, type JobEvent } from '../../ports/jobStates.js'
import { DOMAIN_BEGINNING, STAGES_BEGINNING } from '../../ports/ResultLog.js'
import type {
  Commit,
  DomainCheckpoint,
  DomainSnapshot,
  JobDescriptor,
  JobList,
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
  lists: Map<JobList, StoredChunk[]>
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
      stages: { ...STAGES_BEGINNING },
      domains: descriptor.domains.map((name) => ({ name, ...newDomain() })),
      currentDomain: null,
      cidsDone: 0,
      seedsDone: 0,
      seedsTotal: null,
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
    lists: new Map(),
    aggregation: null,
    storedBytes: 0,
    tickets: new Set(),
    waiters: new Set(),
  }
}

function newDomain(): Omit<DomainSnapshot, 'name'> {
  return { state: 'waiting', rows: 0, code: null, checkpoint: DOMAIN_BEGINNING }
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
  snapshot.phase = phaseWhenOpened(snapshot)
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

/** Bytes of all chunks that a commit brings. */
export function bytesOf({ entries, lists }: Commit): number {
  const chunks = [...entries, ...lists].flatMap((part) => ('chunk' in part ? [part.chunk] : []))
  return chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

/** Appends a commit whose entries are checked, and moves the checkpoints. */
export function append(job: MemoryJob, { entries, lists, checkpoints, stages, progress }: Commit) {
  const { snapshot } = job
  for (const entry of entries) appendEntry(job, entry)
  for (const { list, chunk } of lists) {
    const chunks = job.lists.get(list)
    if (chunks) chunks.push(chunk)
    else job.lists.set(list, [chunk])
  }
  for (const domain of snapshot.domains) {
    const checkpoint = checkpoints.get(domain.name)
    if (checkpoint) domain.checkpoint = copyCheckpoint(checkpoint)
  }
  if (stages) snapshot.stages = { ...stages }
  snapshot.rows = snapshot.domains.reduce((sum, { rows }) => sum + rows, 0)
  snapshot.phase = progress.phase
  snapshot.currentDomain = progress.currentDomain
  snapshot.cidsDone = progress.cidsDone
  snapshot.cidCount = progress.cidCount ?? snapshot.cidCount
  snapshot.seedsDone = progress.seedsDone ?? snapshot.seedsDone
  snapshot.seedsTotal = progress.seedsTotal ?? snapshot.seedsTotal
}

function appendEntry(job: MemoryJob, entry: NewLogEntry) {
  const { snapshot } = job
  const domain = snapshot.domains.find(({ name }) => name === entry.domain)
  if ('chunk' in entry) {
    const { chunk, ...line } = entry
    job.chunks.set(entry.seq, chunk)
    job.entries.push(line)
    snapshot.textBytes += entry.textBytes
  } else {
    job.entries.push({ ...entry })
  }
  snapshot.head = entry.seq
  if (!domain) return
  domain.state = DOMAIN_STATE_AFTER[entry.type] ?? domain.state
  if (entry.type === 'records') domain.rows += entry.count
  if (entry.type === 'domain_start') Object.assign(domain, { ...newDomain(), state: domain.state })
  if (entry.type === 'domain_failed') Object.assign(domain, { rows: 0, code: entry.code })
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

function copyCheckpoint(checkpoint: DomainCheckpoint): DomainCheckpoint {
  return { ...checkpoint, placesDone: [...checkpoint.placesDone] }
}

export function copySnapshot(snapshot: JobSnapshot): JobSnapshot {
  return {
    ...snapshot,
    domains: snapshot.domains.map((domain) => ({
      ...domain,
      checkpoint: copyCheckpoint(domain.checkpoint),
    })),
    stages: { ...snapshot.stages },
    error: snapshot.error && { ...snapshot.error },
  }
}

/** Queues an ended job again; `false` when there is nothing to go on with. */
export function requeue(job: MemoryJob): boolean {
  const { snapshot } = job
  if (!isAllowed(snapshot, 'retry')) return false
  if (snapshot.state === 'completed') {
    for (const domain of snapshot.domains) {
      if (domain.state === 'failed') Object.assign(domain, newDomain())
    }
  }

  snapshot.state = snapshot.phase = 'queued'
  snapshot.completedAtMs = snapshot.error = null
  snapshot.cancelRequested = false
  job.aggregation = null
  return true
}
