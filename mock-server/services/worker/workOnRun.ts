import { isTraceError } from '../../../src/errors.js'
import { UNSLICED } from '../../../src/async/slices.js'
import type { JobPhase } from '../../../src/protocol/index.js'
import type { Detection, DomainSnapshot, Row, StoredChunk } from '../../ports/index.js'
import { percent } from '../defects/paretoRows.js'
import { isStoredDetection, loadRunQuestion } from '../questions/RunQuestion.js'
import { unpackItems } from '../store/fragments.js'
import { createJobAggregation } from './createJobAggregation.js'
import { createLogWriter } from './createLogWriter.js'
import { createQueryLimit } from './createQueryLimit.js'
import { fetchDomain } from './fetchDomain.js'
import { createCidFinder } from './findCids.js'
import type { Attempt, RunDeps } from './RunDeps.js'
import { together } from './together.js'
import { workOnPages } from './workOnPages.js'

/**
 * An attempt at a whole question. Its stages run side by side: seeds come page by page, each batch of them is traced as
 * soon as it is there, and each batch of CIDs is fetched in all domains as soon as it is traced.
 *
 * @returns the `aggregation` line, if there is one
 */
export async function workOnRun(attempt: Attempt, deps: RunDeps): Promise<StoredChunk | null> {
  const { lease, written, signal } = attempt
  const { log, source, description, codec, clock, settings, slices = UNSLICED, warn = () => {} } = deps
  const { jobId, domains, stages } = lease.snapshot
  const { query, ...question } = await loadRunQuestion(deps, jobId)
  if (query.by === 'params') {
    await workOnPages(attempt, deps, { profile: question.profile, params: query.params ?? {} })
    return null
  }
  const aggregation = createJobAggregation({ log, codec, slices, description }, jobId, question)
  const limit = createQueryLimit(settings.sourceConcurrency)
  /** Of the domains of event rows that are fetched, how many CIDs are done. */
  const cidsDone = new Map<string, number>()
  let phase: JobPhase | null = null
  const writer = createLogWriter({ log, codec, clock, batchRows: settings.streamBatchSize, progress }, lease)
  const finder = await createCidFinder(
    { log, source, codec, settings, writer, limit, aggregation, warn },
    jobId,
    { ...question, query },
    stages,
  )

  function progress() {
    const found = finder.progress()
    const least = Math.min(finder.cids.length, ...cidsDone.values())
    return { ...found, phase: phase ?? found.phase, currentDomain: null, cidsDone: least }
  }

  const ofDomain = (name: string) => written.filter(({ domain }) => domain === name)
  const open = domains.filter(({ state }) => state === 'waiting' || state === 'running')
  const fetched = open.filter(({ name }) => name !== 'seeds')
  let hasDetections = !domains.some(({ name, state }) => name === 'detections' && state === 'failed')

  async function findSeeds(ended: AbortSignal) {
    const isOpen = open.some(({ name }) => name === 'seeds')
    if (isOpen) await finder.findSeeds(writer.domain('seeds', ofDomain('seeds')), ended)
    else finder.seeds.end()
  }

  function fetchRows({ name, checkpoint }: DomainSnapshot) {
    const isDetections = name === 'detections'
    const ids = isDetections ? finder.seeds : finder.cids
    if (!isDetections) cidsDone.set(name, checkpoint.idsDone)
    const task = {
      ...{ name, checkpoint, written: ofDomain(name), sideBySide: fetched.length },
      batches: (from: number, ended: AbortSignal) => ids.batches(from, settings.idBatchSize, ended),
      query: (some: string[], ahead: AbortSignal) =>
        isDetections ? detectionRows(some, ahead) : source.events(name, some, { signal: ahead }),
      observe: (rows: readonly Row[]) => aggregation?.observe(name, rows),
      onProgress(idsDone: number) {
        if (!isDetections) cidsDone.set(name, idsDone)
      },
      onFailure() {
        cidsDone.delete(name)
        aggregation?.forget(name)
        if (isDetections) hasDetections = false
      },
    }
    return (ended: AbortSignal) => fetchDomain({ clock, settings, writer, limit, warn }, task, ended)
  }

  /** Figures need more of a detection than its row says, so it is kept as it came. One that comes again counts once. */
  async function* detectionRows(seedIds: string[], ahead: AbortSignal): AsyncGenerator<Row[]> {
    const asked = { ...aggregation!.params, profile: question.profile, params: query.params }
    for await (const found of source.detections(asked, seedIds, { signal: ahead })) {
      aggregation!.addDetections(found)
      writer.keep('detections', found)
      yield found.map(detectionRow)
    }
  }

  async function keepPostings() {
    for (const bytes of aggregation!.saved()) {
      writer.keepBytes('postings', bytes)
      // At full size they are 26 MB, which one commit would hold twice.
      if (writer.hasMuchToCommit()) await writer.commit()
      await slices.breathe()
    }
    await writer.commit()
  }

  if (aggregation) {
    for await (const found of unpackItems(codec, log.list(jobId, 'detections'), isStoredDetection)) {
      aggregation.addDetections(found)
    }
    await aggregation.replay(written, signal)
  }
  await writer.whileShowing(signal, () =>
    together(signal, [findSeeds, finder.traceLineage, ...fetched.map(fetchRows)]),
  )
  phase = 'aggregating'
  await writer.commit()
  signal.throwIfAborted()
  if (!aggregation || !hasDetections) return null
  const figures = await aggregation.finish()
  await keepPostings().catch((cause: unknown) => {
    // Rows and figures are all there: a store that is full must not cost them.
    if (!isTraceError(cause) || cause.code !== 'RESULT_TOO_LARGE') throw cause
    warn(`Job ${jobId} keeps nothing to answer other loss reasons from: ${cause.message}`)
  })
  return figures
}

function detectionRow({ containerId, lotId, date, inputQty, defects, product, isRework }: Detection): Row {
  const lost = defects.reduce((sum, { qty }) => sum + qty, 0)
  const top = defects.reduce<Detection['defects'][number] | null>(
    (most, defect) => (most === null || defect.qty > most.qty ? defect : most),
    null,
  )
  return {
    CONTAINERID: containerId,
    LOT_ID: lotId,
    DATE: date,
    INPUTQTY: inputQty,
    DEFECTQTY: lost,
    RATE: percent(lost, inputQty),
    TOP_REASON: top && top.qty > 0 ? top.reason : null,
    PRODUCT: product,
    IS_REWORK: isRework ? 'Y' : 'N',
  }
}
