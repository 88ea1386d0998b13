import { linkSignal } from '../../../src/async/abort.js'
import type { TraceErrorCode } from '../../../src/errors.js'
import type {
  ChunkCodec,
  Clock,
  CommitProgress,
  DomainCheckpoint,
  JobList,
  LogEntry,
  LogLease,
  NewLogEntry,
  ResultLog,
  StageCheckpoint,
  StoredChunk,
} from '../../ports/index.js'
import { LINE_END, recordsStart, unmatchedLine } from '../log/logLines.js'
import { joinTexts, type RowText } from './packRows.js'

/** So many rows of a domain are shown at once, the first time: a reader waits for them, not for a full line. */
const FIRST_ROWS = 500
const COMMIT_EVERY_MS = 1_000
/** Chunks of lists that are better committed than held, of up to 128 kB each. */
const MANY_CHUNKS = 16

interface Parts {
  log: Pick<ResultLog, 'commit'>
  codec: ChunkCodec
  clock: Clock
  /** Most rows of one `records` line. */
  batchRows: number
  /** Told with every commit. */
  progress: () => CommitProgress
  /** Called when readers can see new rows. */
  onRows?: () => void
}

/** What the next commit takes. Chunks may still be on their way: they are packed beside this thread. */
interface Uncommitted {
  entries: Promise<NewLogEntry>[]
  lists: Promise<{ list: JobList; chunk: StoredChunk }>[]
  checkpoints: Map<string, DomainCheckpoint>
  stages?: StageCheckpoint
}

/** An entry without its place in the log. */
type Unplaced<T = LogEntry> = T extends LogEntry ? Omit<T, 'seq'> : never

const utf8 = new TextEncoder()

/**
 * Turns what an attempt has found into commits. Everything that was added by then is in the next commit, or, if the
 * attempt dies before, nowhere: rows and the checkpoint that counts them never part.
 */
export function createLogWriter(
  { log, codec, clock, batchRows, progress, onRows }: Parts,
  attempt: LogLease,
) {
  const { jobId } = attempt.snapshot
  let seq = attempt.snapshot.head
  let next = nothing()
  let uncommittedRows = 0
  let committedAtMs = clock.monotonic()
  let toldProgress = ''
  let lastCommit: Promise<void> = Promise.resolve()
  /** Of each open domain, what makes lines of the rows that wait. */
  const cuts = new Set<() => void>()

  function push(entry: Unplaced) {
    next.entries.push(Promise.resolve({ ...entry, seq: ++seq } as NewLogEntry))
  }

  /** An entry whose line is stored; its number is in the text. */
  function pushStored<T extends { seq: number }>(entry: T, line: Uint8Array) {
    const stored = codec
      .encodeBeside(line)
      .then((chunk) => ({ ...entry, textBytes: line.length, chunk }) as unknown as NewLogEntry)
    // Its reader is the commit, which may come later, or never.
    stored.catch(() => {})
    next.entries.push(stored)
  }

  async function write() {
    const { entries, lists, checkpoints, stages } = next
    next = nothing()
    uncommittedRows = 0
    const now = progress()
    const isNews = JSON.stringify(now) !== toldProgress
    if (entries.length + lists.length + checkpoints.size === 0 && !stages && !isNews) return
    const commit = {
      entries: await Promise.all(entries),
      lists: await Promise.all(lists),
      checkpoints,
      progress: now,
    }
    await log.commit(jobId, attempt.lease, stages ? { ...commit, stages } : commit)
    if (commit.entries.some(({ type }) => type === 'records')) onRows?.()
    toldProgress = JSON.stringify(now)
    committedAtMs = clock.monotonic()
  }

  /**
   * Commits everything that was added. Commits come one after the other; those that wait become one. After one that has
   * failed there are no more: its entries would be missing.
   */
  function commit(): Promise<void> {
    lastCommit = lastCommit.then(write)
    lastCommit.catch(() => {})
    return lastCommit
  }

  async function showAgainAndAgain(signal: AbortSignal) {
    try {
      for (;;) {
        await clock.sleep(COMMIT_EVERY_MS, signal)
        if (!isLate()) continue
        for (const cut of cuts) cut()
        await commit()
      }
    } catch {
      // The works have ended, or hear of it with their next commit.
    }
  }

  function isLate(): boolean {
    return clock.monotonic() - committedAtMs >= COMMIT_EVERY_MS
  }

  return {
    commit,

    /**
     * Runs `works`, and meanwhile shows what waits at least every second, however slow the source is.
     *
     * @throws what `works` throws
     */
    async whileShowing(signal: AbortSignal, works: () => Promise<void>) {
      const link = linkSignal(signal)
      const showing = showAgainAndAgain(link.signal)
      try {
        await works()
      } finally {
        link.abort(new DOMException('The works have ended', 'AbortError'))
        link.unlink()
        await showing
      }
    },

    /** Appends to one of the job's lists. @param items at least one, or none */
    keep(list: JobList, items: readonly unknown[]) {
      if (items.length === 0) return
      append(list, utf8.encode(JSON.stringify(items).slice(1, -1)))
    },

    /** The same for a list of a map's parts. */
    keepEntries(list: JobList, entries: readonly (readonly [string, unknown])[]) {
      if (entries.length === 0) return
      const texts = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
      append(list, utf8.encode(texts.join(',')))
    },

    /** The same for a part that is no JSON. */
    keepBytes(list: JobList, bytes: Uint8Array) {
      append(list, bytes)
    },

    /** Whether the next commit has grown large. */
    hasMuchToCommit: () => next.lists.length >= MANY_CHUNKS,

    /** How far the stages before the rows are; with what was added before. */
    reach(stages: StageCheckpoint) {
      next.stages = { ...stages }
    },

    /** Tells which values of the question have found nothing. */
    addUnmatched(domain: string, values: readonly string[]) {
      const entry = { type: 'unmatched' as const, domain, seq: ++seq, count: values.length }
      pushStored(entry, utf8.encode(unmatchedLine(entry, values)))
    },

    /**
     * Writes the lines of one domain.
     *
     * @param written its entries so far, of earlier attempts; with none it begins
     * @param onReached called with how far the next commit takes it
     */
    domain(
      name: string,
      written: readonly LogEntry[],
      onReached: (checkpoint: DomainCheckpoint) => void = () => {},
    ) {
      const { startSeq, ...before } = startOf(written)
      let { batches, rows: domainRows } = before
      let hasShownRows = domainRows > 0
      const from = startSeq ?? seq + 1
      /** Not in a line yet; `checkpoint` counts all of them. */
      let waiting: RowText[] = []
      let checkpoint: DomainCheckpoint | null = null
      if (startSeq === null) push({ type: 'domain_start', domain: name })

      function cutLine(texts: readonly RowText[]) {
        const count = rowsOf(texts)
        const entry = { type: 'records' as const, domain: name, seq: ++seq, batch: batches, count }
        pushStored(entry, joinTexts(`${recordsStart(entry)}[`, texts, `]${LINE_END}`))
        batches += 1
        domainRows += count
        uncommittedRows += count
      }

      /** Makes lines of everything that waits. */
      function cut() {
        let line: RowText[] = []
        for (const text of waiting) {
          if (line.length > 0 && rowsOf(line) + text.rows > batchRows) {
            cutLine(line)
            line = []
          }
          line.push(text)
        }
        if (line.length > 0) cutLine(line)
        if (checkpoint) {
          next.checkpoints.set(name, checkpoint)
          onReached(checkpoint)
        }
        waiting = []
        checkpoint = null
      }

      cuts.add(cut)

      /** Whether enough is there to be shown or stored. */
      function isDue(): boolean {
        if (!hasShownRows && rowsOf(waiting) + domainRows >= Math.min(FIRST_ROWS, batchRows)) return true
        return uncommittedRows >= batchRows
      }

      async function commitAll() {
        cut()
        hasShownRows ||= domainRows > 0
        await commit()
      }

      return {
        /**
         * Adds rows of whole ids, and commits when it is time to.
         *
         * @param texts of at most a line's rows each
         * @param reached how far the domain is with them in the log
         */
        async add(texts: readonly RowText[], reached: DomainCheckpoint) {
          // A checkpoint counts whole ids, so that a line ends with one where it can.
          if (waiting.length > 0 && rowsOf(waiting) + rowsOf(texts) > batchRows) cut()
          waiting.push(...texts)
          checkpoint = reached
          if (rowsOf(waiting) >= batchRows) cut()
          if (isDue() || isLate()) await commitAll()
        },

        /** The same for rows that are counted elsewhere: they are in the next commit, whoever asks for it. */
        async addNow(texts: readonly RowText[]) {
          waiting.push(...texts)
          cut()
          if (isDue() || isLate()) await commitAll()
        },

        /** Ends the domain, with the next commit. */
        end() {
          cut()
          cuts.delete(cut)
          push({ type: 'domain_end', domain: name, count: domainRows })
        },

        /** Takes back what the domain has in the log, with the next commit. */
        fail(code: TraceErrorCode) {
          cuts.delete(cut)
          waiting = []
          checkpoint = null
          push({ type: 'domain_failed', domain: name, code, fromSeq: from })
        },
      }
    },
  }

  function append(list: JobList, bytes: Uint8Array) {
    const chunk = codec.encodeBeside(bytes).then((packed) => ({ list, chunk: packed }))
    chunk.catch(() => {})
    next.lists.push(chunk)
  }
}

export type LogWriter = ReturnType<typeof createLogWriter>
export type DomainWriter = ReturnType<LogWriter['domain']>

function rowsOf(texts: readonly RowText[]): number {
  return texts.reduce((sum, { rows }) => sum + rows, 0)
}

function nothing(): Uncommitted {
  return { entries: [], lists: [], checkpoints: new Map() }
}

/** What is in the log of a domain that another attempt has begun. */
function startOf(written: readonly LogEntry[]): { startSeq: number | null; batches: number; rows: number } {
  const start = written.findLast(({ type }) => type === 'domain_start')
  if (!start) return { startSeq: null, batches: 0, rows: 0 }
  const lines = written.flatMap((entry) => (entry.type === 'records' && entry.seq > start.seq ? [entry] : []))
  return {
    startSeq: start.seq,
    batches: lines.length,
    rows: lines.reduce((sum, { count }) => sum + count, 0),
  }
}
