import { toTraceError } from '../../../src/errors.js'
import type { Clock, LogEntry, LogLease, Row, TraceSource } from '../../ports/index.js'
import type { JobAggregation } from './createJobAggregation.js'
import type { DomainResume, LogWriter } from './createLogWriter.js'
import type { Question } from '../questions/Question.js'
import type { TraceSettings } from '../../ports/TraceDeps.js'
import { readAhead } from './readAhead.js'

/** Longest time the thread is kept from anything else, where fetching never waits for a machine. */
const BREATHE_EVERY_MS = 20

/** Rows held of queries ahead, in batches of a records line: 20,000 rows by default, some 15 MB as objects. */
const MAX_BATCHES_AHEAD = 4

interface Parts {
  source: Pick<TraceSource, 'events'>
  settings: Pick<TraceSettings, 'sourceConcurrency' | 'streamBatchSize'>
  clock: Clock
  writer: LogWriter
  aggregation: JobAggregation
  warn: (message: string) => void
}

/** What the source threw, told from everything else: it fails the domain, not the job. */
class DomainFailure extends Error {}

/**
 * Fetches the question's domains one after the other, from the checkpoint on. Several id batches of a domain are
 * queried at once and written in their order. A domain is declared failed when its source fails, and the next one begun.
 */
export async function fetchDomains(
  { source, settings, clock, writer, aggregation, warn }: Parts,
  question: Question,
  { snapshot }: LogLease,
  written: readonly LogEntry[],
  signal: AbortSignal,
) {
  let breathedAtMs = clock.monotonic()

  async function breathe() {
    if (clock.monotonic() - breathedAtMs < BREATHE_EVERY_MS) return
    await clock.sleep(0)
    breathedAtMs = clock.monotonic()
  }

  async function fetchDomain(
    domainIndex: number,
    resume: DomainResume | null,
    done: number,
    rowsDone: number,
  ) {
    const domain = question.domains[domainIndex]!
    let idBatchesDone = 0
    let cidsDone = 0

    async function commit(rowsOfBatch: number) {
      const checkpoint = { domainIndex, idBatchesDone, rowsDone: rowsOfBatch }
      await writer.commit(checkpoint, { phase: 'fetching', currentDomain: domain, cidsDone })
      if (writer.hasShownRows()) await aggregation.catchUp()
    }

    const query = (ids: string[], signal: AbortSignal) => sourceRows(source.events(domain, ids, { signal }))

    /** Id batches still to fetch; those of an earlier attempt are only counted. */
    async function* idBatches(): AsyncGenerator<string[]> {
      for await (const ids of question.cids()) {
        if (idBatchesDone >= done) yield ids
        else {
          idBatchesDone += 1
          cidsDone += ids.length
        }
      }
    }

    writer.begin(domain, resume)
    await writer.commit(
      { domainIndex, idBatchesDone: done, rowsDone },
      { phase: 'fetching', currentDomain: domain, cidsDone: resume ? snapshot.cidsDone : 0 },
    )
    for await (const { task: ids, pages } of readAhead(idBatches(), query, {
      inFlight: settings.sourceConcurrency,
      maxHeld: MAX_BATCHES_AHEAD * settings.streamBatchSize,
      signal,
    })) {
      let seen = 0
      let skip = idBatchesDone === done ? rowsDone : 0
      for await (const page of pages) {
        signal.throwIfAborted()
        const rows = skip === 0 ? page : page.slice(skip)
        skip -= page.length - rows.length
        seen += page.length
        writer.add(rows)
        aggregation.observe(domain, rows)
        if (writer.isUrgent()) await commit(seen)
        await breathe()
      }
      signal.throwIfAborted()
      idBatchesDone += 1
      cidsDone += ids.length
      if (writer.isDue()) await commit(0)
    }
    await writer.end(
      { domainIndex: domainIndex + 1, idBatchesDone: 0, rowsDone: 0 },
      { phase: 'fetching', currentDomain: domain, cidsDone },
    )
    if (writer.hasShownRows()) await aggregation.catchUp()
  }

  const { checkpoint } = snapshot
  for (let index = checkpoint.domainIndex; index < question.domains.length; index++) {
    const domain = question.domains[index]!
    // A retry of failed domains comes past those that have not failed.
    if (snapshot.domains[index]!.state === 'done') continue
    const isResumed = index === checkpoint.domainIndex && snapshot.domains[index]!.state === 'running'
    const resume = isResumed ? resumeOf(domain, written) : null
    try {
      if (isResumed) await fetchDomain(index, resume, checkpoint.idBatchesDone, checkpoint.rowsDone)
      else await fetchDomain(index, null, 0, 0)
    } catch (cause) {
      if (signal.aborted || !(cause instanceof DomainFailure)) throw cause
      warn(`Domain ${domain} of job ${snapshot.jobId} failed: ${String(cause.cause)}`)
      aggregation.forget(domain)
      await writer.fail(
        toTraceError(cause.cause, 'EVENTS_PARTIAL_FAILURE').code,
        { domainIndex: index + 1, idBatchesDone: 0, rowsDone: 0 },
        { phase: 'fetching', currentDomain: null, cidsDone: 0 },
      )
    }
  }
}

async function* sourceRows(pages: AsyncIterable<Row[]>) {
  try {
    yield* pages
  } catch (cause) {
    throw new DomainFailure('the source failed', { cause })
  }
}

/** What the last writer left of a domain it was at. */
function resumeOf(domain: string, written: readonly LogEntry[]): DomainResume {
  const start = written.findLast((entry) => entry.type === 'domain_start' && entry.domain === domain)
  const startSeq = start?.seq ?? 0
  let batches = 0
  let rows = 0
  for (const entry of written) {
    if (entry.seq < startSeq || entry.type !== 'records') continue
    batches += 1
    rows += entry.count
  }
  return { batches, rows, startSeq }
}
