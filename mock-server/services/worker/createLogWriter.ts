import type { TraceErrorCode } from '../../../src/errors.js'
import type {
  Checkpoint,
  ChunkCodec,
  Clock,
  CommitProgress,
  LogLease,
  NewLogEntry,
  ResultLog,
  Row,
} from '../../ports/index.js'
import { LINE_END, recordsStart } from '../log/logLines.js'

/** So many rows are shown at once, the first time: a reader waits for them, not for a full batch. */
const FIRST_ROWS = 500
/** Most chunks held back inside one id batch. */
const MAX_UNCOMMITTED_CHUNKS = 8
const COMMIT_EVERY_MS = 1_000

interface Parts {
  log: Pick<ResultLog, 'commit'>
  codec: ChunkCodec
  clock: Clock
  /** Rows of one `records` line. */
  batchRows: number
}

/** An entry without its place in the log. */
type Unplaced<T = NewLogEntry> = T extends NewLogEntry ? Omit<T, 'seq' | 'domain'> : never

/** Where a domain goes on that another writer has begun. */
export interface DomainResume {
  /** Batches and rows in the log. */
  batches: number
  rows: number
  startSeq: number
}

const utf8 = new TextEncoder()

/**
 * Turns rows into the entries of one attempt's commits. What is added is shown by `commit()`, all of it; nothing
 * that was not committed outlives `fail()`.
 */
export function createLogWriter({ log, codec, clock, batchRows }: Parts, { snapshot, lease }: LogLease) {
  const { jobId } = snapshot
  let { head } = snapshot
  let hasShownRows = snapshot.rows > 0
  let committedAtMs = clock.monotonic()
  let entries: NewLogEntry[] = []
  let rows: Row[] = []
  let uncommittedRows = 0

  let domain = ''
  let startSeq = 0
  let batches = 0
  let domainRows = 0

  function nextSeq() {
    return head + entries.length + 1
  }

  function push(entry: Unplaced) {
    entries.push({ ...entry, seq: nextSeq(), domain } as NewLogEntry)
  }

  function encode(part: Row[]) {
    const line = { seq: nextSeq(), domain, batch: batches, count: part.length }
    const text = utf8.encode(recordsStart(line) + JSON.stringify(part) + LINE_END)
    push({
      type: 'records',
      batch: batches,
      count: part.length,
      textBytes: text.length,
      chunk: codec.encode(text),
    })
    batches += 1
    domainRows += part.length
  }

  async function commit(checkpoint: Checkpoint, progress: CommitProgress) {
    if (rows.length > 0) encode(rows)
    rows = []
    await log.commit(jobId, lease, entries, checkpoint, progress)
    head += entries.length
    hasShownRows ||= uncommittedRows > 0
    uncommittedRows = 0
    entries = []
    committedAtMs = clock.monotonic()
  }

  return {
    commit,

    /** Whether readers have been given rows. */
    hasShownRows: () => hasShownRows,

    /** Begins a domain, or goes on with it. */
    begin(name: string, resume: DomainResume | null) {
      domain = name
      startSeq = resume?.startSeq ?? nextSeq()
      batches = resume?.batches ?? 0
      domainRows = resume?.rows ?? 0
      if (!resume) push({ type: 'domain_start' })
    },

    add(added: readonly Row[]) {
      for (const row of added) rows.push(row)
      uncommittedRows += added.length
      while (rows.length >= batchRows) encode(rows.splice(0, batchRows))
    },

    /** Whether to commit although the id batch has not ended. */
    isUrgent(): boolean {
      if (!hasShownRows) return uncommittedRows >= Math.min(FIRST_ROWS, batchRows)
      return uncommittedRows >= MAX_UNCOMMITTED_CHUNKS * batchRows
    },

    /** Whether to commit now that an id batch has ended. */
    isDue(): boolean {
      return uncommittedRows >= batchRows || clock.monotonic() - committedAtMs >= COMMIT_EVERY_MS
    },

    async end(checkpoint: Checkpoint, progress: CommitProgress) {
      if (rows.length > 0) encode(rows)
      rows = []
      push({ type: 'domain_end', count: domainRows })
      await commit(checkpoint, progress)
    },

    /** Drops what was not committed of the domain, and takes back what was. */
    async fail(code: TraceErrorCode, checkpoint: Checkpoint, progress: CommitProgress) {
      entries = []
      rows = []
      uncommittedRows = 0
      if (startSeq > head) push({ type: 'domain_start' })
      push({ type: 'domain_failed', code, fromSeq: startSeq })
      await commit(checkpoint, progress)
    },
  }
}

export type LogWriter = ReturnType<typeof createLogWriter>
