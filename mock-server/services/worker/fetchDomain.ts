import type { Clock, DomainCheckpoint, LogEntry, Row } from '../../ports/index.js'
import type { TraceSettings } from '../../ports/TraceDeps.js'
import type { LogWriter } from './createLogWriter.js'
import { DomainFailure, failDomain, packOrFail } from './domainFailure.js'
import type { QueryLimit } from './createQueryLimit.js'
import type { RowText } from './packRows.js'
import { readAhead } from './readAhead.js'

/** Longest time the thread is kept from anything else, where fetching never waits for a machine. */
const BREATHE_EVERY_MS = 20

/**
 * Rows a job holds of queries ahead, in batches of a records line: 40,000 rows by default, some 14 MB. So much that a
 * query can be read to its end while those before it are written; a paused one keeps the next from beginning.
 */
const MAX_BATCHES_AHEAD = 8

/** What fetching works with. */
export interface FetchParts {
  clock: Clock
  settings: Pick<TraceSettings, 'sourceConcurrency' | 'streamBatchSize'>
  writer: LogWriter
  limit: QueryLimit
  warn: (message: string) => void
}

/** One domain of a job, to be fetched from where it is. */
export interface DomainTask {
  name: string
  /** How far earlier attempts have come, and their entries. */
  checkpoint: DomainCheckpoint
  written: readonly LogEntry[]
  /** Domains that are fetched at the same time, this one included. */
  sideBySide: number
  /** The ids to ask for, from place `from` of their list on. */
  batches: (from: number, signal: AbortSignal) => AsyncIterable<string[]>
  /** Asks the source. Rows of an id come together. */
  query: (ids: string[], signal: AbortSignal) => AsyncIterable<Row[]>
  /** Called with rows on their way to the log, each once. */
  observe: (rows: readonly Row[]) => void
  /** Called with how many ids are done, with the next commit. */
  onProgress: (idsDone: number) => void
  /** Called before the domain is declared failed, since its source has. */
  onFailure: () => void
}

/** Ids to ask for, each with its place in the list, and where the batch ends in it. */
interface IdBatch {
  places: ReadonlyMap<string, number>
  end: number
}

interface PackedRows {
  /** Rows. */
  length: number
  texts: readonly RowText[]
  /** Places of the ids that have all their rows with these. */
  placesDone: readonly number[]
}

/**
 * Fetches one domain from its checkpoint on. Several batches of ids are asked for at once and written in their order.
 * The domain is declared failed when its source fails.
 *
 * @throws {TraceError} what the log throws; `signal.reason` on abort
 */
export async function fetchDomain(parts: FetchParts, task: DomainTask, signal: AbortSignal) {
  const { writer, settings, limit } = parts
  const { name, checkpoint, sideBySide, onProgress } = task
  const breathe = createBreather(parts.clock)
  const domain = writer.domain(name, task.written, ({ idsDone }) => onProgress(idsDone))
  /** Place in the list of ids, of the batch that is written. */
  let at = checkpoint.idsDone
  /** Places at or after `at` that are done. */
  let done = new Set(checkpoint.placesDone.map((place) => at + place))

  async function* batches(ahead: AbortSignal): AsyncGenerator<IdBatch> {
    let from = at
    const doneBefore = done
    for await (const ids of task.batches(at, ahead)) {
      const places = new Map(
        ids.map((id, i) => [id, from + i] as const).filter(([, place]) => !doneBefore.has(place)),
      )
      from += ids.length
      yield { places, end: from }
    }
  }

  /** The rows of a batch, packed as they come, and which of its ids they make whole. */
  async function* packed({ places }: IdBatch, ahead: AbortSignal): AsyncGenerator<PackedRows> {
    /** The id whose rows come, and those that have come: the next page may go on with them. */
    let open: { id: unknown; rows: Row[] } = { id: undefined, rows: [] }

    /** None before the first row. */
    function placesOf(id: unknown): number[] {
      const place = places.get(id as string)
      return place === undefined ? [] : [place]
    }

    // An attempt that takes over asks for the ids that are left: rows of others would be lost, or come twice.
    function mustBeAsked(id: unknown) {
      if (places.has(id as string)) return
      throw new DomainFailure(`the source gave rows of ${JSON.stringify(id)}, which was not asked for`)
    }

    function pack(rows: Row[], placesDone: number[]): PackedRows {
      task.observe(rows)
      return { length: rows.length, texts: packOrFail(rows, settings.streamBatchSize), placesDone }
    }

    for await (const page of sourceRows(task.query, [...places.keys()], ahead)) {
      const whole: Row[] = []
      const placesDone: number[] = []
      for (const row of page) {
        if (row.CONTAINERID !== open.id) {
          mustBeAsked(row.CONTAINERID)
          for (const each of open.rows) whole.push(each)
          placesDone.push(...placesOf(open.id))
          open = { id: row.CONTAINERID, rows: [] }
        }
        open.rows.push(row)
      }
      yield pack(whole, placesDone)
      await breathe()
    }
    yield pack(open.rows, placesOf(open.id))
  }

  try {
    onProgress(at)
    await writer.commit()
    const readings = readAhead(batches, packed, {
      inFlight: settings.sourceConcurrency,
      maxHeld: Math.ceil((MAX_BATCHES_AHEAD * settings.streamBatchSize) / sideBySide),
      begin: (ahead) => limit.begin(name, ahead),
      signal,
    })
    for await (const { task: batch, pages } of readings) {
      for await (const { texts, placesDone } of pages) {
        signal.throwIfAborted()
        for (const place of placesDone) done.add(place)
        await add(texts)
      }
      signal.throwIfAborted()
      at = batch.end
      done = new Set([...done].filter((place) => place >= at))
      await add([])
    }
    domain.end()
    await writer.commit()
  } catch (cause) {
    if (signal.aborted || !(cause instanceof DomainFailure)) throw cause
    task.onFailure()
    await failDomain(parts, domain, name, cause)
  }

  async function add(texts: readonly RowText[]) {
    await domain.add(texts, { idsDone: at, placesDone: [...done].map((place) => place - at) })
  }
}

async function* sourceRows(query: DomainTask['query'], ids: string[], signal: AbortSignal) {
  if (ids.length === 0) return
  try {
    yield* query(ids, signal)
  } catch (cause) {
    throw new DomainFailure('the source failed', { cause })
  }
}

function createBreather(clock: Clock) {
  let breathedAtMs = clock.monotonic()
  return async () => {
    if (clock.monotonic() - breathedAtMs < BREATHE_EVERY_MS) return
    await clock.sleep(0)
    breathedAtMs = clock.monotonic()
  }
}
