import { untilAborted } from '../../../src/async/abort.js'
import { UNSLICED } from '../../../src/async/slices.js'
import type { CommitProgress, StoredChunk } from '../../ports/index.js'
import { loadQuestion, type Question } from '../questions/Question.js'
import { aggregationFailed, createJobAggregation, type JobAggregation } from './createJobAggregation.js'
import { createLogWriter } from './createLogWriter.js'
import { createQueryLimit, type QueryLimit } from './createQueryLimit.js'
import { fetchDomain } from './fetchDomain.js'
import { readAhead } from './readAhead.js'
import type { Attempt, RunDeps } from './RunDeps.js'
import { together } from './together.js'

/**
 * An attempt at a job whose CIDs and lineage came with the question: its domains are fetched one after the other, as the
 * original's pages know them. What figures need of the question is read once the first rows are on their way.
 *
 * @returns the `aggregation` line, if there is one
 */
export async function workOnEvents(
  { lease, written, signal }: Attempt,
  deps: RunDeps,
): Promise<StoredChunk | null> {
  const { log, source, description, codec, clock, settings, slices = UNSLICED, warn = () => {} } = deps
  const { jobId, domains } = lease.snapshot
  const question = deps.question ?? (await loadQuestion(deps, jobId))
  const aggregation = createJobAggregation({ log, codec, slices, description }, jobId, question)
  const limit = createQueryLimit(settings.sourceConcurrency)
  let progress: CommitProgress = { phase: 'fetching', currentDomain: null, cidsDone: 0 }
  let rowsAreShown = () => {}
  const shown = new Promise<void>((resolve) => (rowsAreShown = resolve))
  const batchRows = settings.streamBatchSize
  const writer = createLogWriter(
    { log, codec, clock, batchRows, progress: () => progress, onRows: () => rowsAreShown() },
    lease,
  )

  async function fetchDomains(ended: AbortSignal) {
    for (const { name, state, checkpoint } of domains) {
      // A retry of failed domains comes past those that have not failed.
      if (state === 'done' || state === 'failed') continue
      await fetchDomain(
        { clock, settings, writer, limit, warn },
        {
          ...{ name, checkpoint, sideBySide: 1 },
          written: written.filter(({ domain }) => domain === name),
          batches: (from) => skipIds(question.cids(), from),
          query: (ids, ahead) => source.events(name, ids, { signal: ahead }),
          observe: (rows) => aggregation?.observe(name, rows),
          onProgress: (cidsDone) => (progress = { phase: 'fetching', currentDomain: name, cidsDone }),
          onFailure() {
            aggregation?.forget(name)
            progress = { phase: 'fetching', currentDomain: null, cidsDone: 0 }
          },
        },
        ended,
      )
    }
    rowsAreShown()
  }

  await aggregation?.replay(written, signal)
  const readFigures = async (ended: AbortSignal) => {
    await untilAborted(ended, shown)
    if (aggregation) await giveQuestion(aggregation, question, limit, deps, ended)
  }
  await writer.whileShowing(signal, () =>
    together(signal, [fetchDomains, ...(aggregation ? [readFigures] : [])]),
  )
  progress = { phase: 'aggregating', currentDomain: null, cidsDone: question.cidCount }
  await writer.commit()
  signal.throwIfAborted()
  return aggregation ? aggregation.finish() : null
}

/** Gives an aggregation what it needs beside the rows. @throws {TraceError} `EVENTS_AGGREGATION_FAILED` */
async function giveQuestion(
  aggregation: JobAggregation,
  question: Question,
  limit: QueryLimit,
  { source, settings, slices = UNSLICED }: RunDeps,
  signal: AbortSignal,
) {
  try {
    const readings = readAhead(
      () => question.seedIds(),
      (ids, ahead) =>
        source.detections({ ...aggregation.params, profile: question.profile }, ids, { signal: ahead }),
      {
        inFlight: settings.sourceConcurrency,
        maxHeld: settings.streamBatchSize,
        begin: (ahead) => limit.begin('detections', ahead),
        signal,
      },
    )
    for await (const { pages } of readings) for await (const page of pages) aggregation.addDetections(page)
    for await (const part of question.lineage()) {
      aggregation.addLineage(Object.entries(part))
      await slices.breathe()
      signal.throwIfAborted()
    }
    for await (const part of question.seedRoots()) {
      aggregation.addRoots(Object.entries(part))
      await slices.breathe()
      signal.throwIfAborted()
    }
  } catch (cause) {
    if (signal.aborted) throw cause
    throw aggregationFailed(cause)
  }
}

/** The batches of a list from place `from` on. */
async function* skipIds(batches: AsyncIterable<string[]>, from: number): AsyncGenerator<string[]> {
  let place = 0
  for await (const ids of batches) {
    if (place + ids.length > from) yield ids.slice(Math.max(0, from - place))
    place += ids.length
  }
}
