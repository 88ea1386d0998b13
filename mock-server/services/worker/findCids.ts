import { isTraceError, TraceError } from '../../../src/errors.js'
import type {
  BackwardLineage,
  ForwardLineage,
  ResultLog,
  SeedPage,
  SeedQuery,
  StageCheckpoint,
  TraceSource,
  ChunkCodec,
} from '../../ports/index.js'
import type { TraceSettings } from '../../ports/TraceDeps.js'
import { isText, isTextList } from '../../../src/protocol/checks.js'
import type { RunQuestion } from '../questions/RunQuestion.js'
import { reasonsOf } from '../source/reasonsOf.js'
import { lineageProblem } from '../stages/traceLineage.js'
import { createIdIndex } from '../store/createIdIndex.js'
import { unpackEntries, unpackItems } from '../store/fragments.js'
import { createIdFeed, type IdFeed } from './createIdFeed.js'
import type { JobAggregation } from './createJobAggregation.js'
import type { DomainWriter, LogWriter } from './createLogWriter.js'
import type { QueryLimit } from './createQueryLimit.js'
import { packRows } from './packRows.js'
import { readAhead } from './readAhead.js'

/** Most seeds of the first batch of lineage: the first rows wait for it. */
const FIRST_SEEDS = 100
/** Batches of lineage asked for at once: the rows of the first wait for them, so that there are few. */
const LINEAGE_IN_FLIGHT = 2

interface Parts {
  log: Pick<ResultLog, 'list'>
  source: Pick<TraceSource, 'resolveSeeds' | 'lineage'>
  codec: ChunkCodec
  settings: Pick<TraceSettings, 'idBatchSize' | 'sourceConcurrency' | 'streamBatchSize' | 'runCidLimit'>
  writer: LogWriter
  limit: QueryLimit
  aggregation: JobAggregation | null
  warn: (message: string) => void
}

/** A question that begins with seeds. */
export type SeedsQuestion = Pick<RunQuestion, 'direction' | 'hasLineage'> & { query: SeedQuery }

/** The first two stages of a run, and how far they are. */
export interface CidFinder {
  /** The seeds, and the CIDs to fetch the rows of, as they are found. */
  seeds: IdFeed
  cids: IdFeed
  progress: () => {
    phase: 'seeds' | 'lineage' | 'fetching'
    seedsDone: number
    seedsTotal?: number
    cidCount?: number
  }
  /** Finds the seeds from where earlier attempts stopped. @param domain writes them as rows */
  findSeeds: (domain: DomainWriter, signal: AbortSignal) => Promise<void>
  /** Traces the seeds as they come. */
  traceLineage: (signal: AbortSignal) => Promise<void>
}

/**
 * Finds what a question is about. Everything that is found is kept in the job's lists, in the commit that also counts
 * it, so that another attempt goes on from there. Seeds that come twice count once.
 */
export async function createCidFinder(
  { log, source, codec, settings, writer, limit, aggregation, warn }: Parts,
  jobId: string,
  { query, direction, hasLineage }: SeedsQuestion,
  checkpoint: StageCheckpoint,
): Promise<CidFinder> {
  const stages = { ...checkpoint }
  const seeds = createIdFeed()
  const cids = createIdFeed()
  const knownSeeds = createIdIndex()
  const knownCids = createIdIndex()
  const matched = new Set<string>()

  for await (const ids of items('seeds')) takeSeeds(ids)
  for await (const values of items('matched')) for (const value of values) matched.add(value)
  for await (const ids of items('cids')) takeCids(ids)
  if (aggregation) {
    for await (const part of unpackEntries(codec, log.list(jobId, 'lineage'), isTextList)) {
      aggregation.addLineage(Object.entries(part))
    }
    for await (const part of unpackEntries(codec, log.list(jobId, 'roots'), isText)) {
      aggregation.addRoots(Object.entries(part))
    }
  }
  if (stages.areSeedsDone) seeds.end()
  let isTraced = stages.areSeedsDone && stages.seedsTraced === seeds.length

  function items(list: 'seeds' | 'matched' | 'cids') {
    return unpackItems(codec, log.list(jobId, list), isText)
  }

  function takeSeeds(ids: readonly string[]) {
    for (const id of ids) knownSeeds.add(id)
    // Each seed is a CID too, and is found long before it is traced.
    checkLimit(knownSeeds.size)
    seeds.add(ids)
  }

  function checkLimit(count: number) {
    if (count <= settings.runCidLimit) return
    throw new TraceError(
      'CID_LIMIT_EXCEEDED',
      `The question has more than ${settings.runCidLimit} CIDs; narrow it`,
      { details: { limit: settings.runCidLimit } },
    )
  }

  /** @returns the new ones */
  function takeCids(ids: Iterable<string>): string[] {
    const fresh: string[] = []
    for (const each of ids) {
      const id = each.trim()
      const known = knownCids.size
      if (id !== '' && knownCids.add(id) === known) fresh.push(id)
    }
    checkLimit(knownCids.size)
    cids.add(fresh)
    return fresh
  }

  async function askSeeds(signal: AbortSignal): Promise<SeedPage> {
    const end = await limit.begin('seeds', signal)
    try {
      return await source.resolveSeeds(query, { signal, after: stages.seedsAfter })
    } catch (cause) {
      if (signal.aborted) throw cause
      warn(`Seeds of job ${jobId} failed: ${reasonsOf(cause)}`)
      if (isTraceError(cause)) throw cause
      throw new TraceError('SEED_RESOLVE_FAILED', 'seed resolve service unavailable', { cause })
    } finally {
      end()
    }
  }

  async function findSeeds(domain: DomainWriter, signal: AbortSignal) {
    while (!stages.areSeedsDone) {
      const page = await askSeeds(signal)
      const found = newSeeds(page)
      takeSeeds(found.map((seed) => seed.container_id))
      writer.keep(
        'seeds',
        found.map((seed) => seed.container_id),
      )
      const newlyMatched = page.matched.filter((value) => !matched.has(value))
      for (const value of newlyMatched) matched.add(value)
      writer.keep('matched', newlyMatched)
      stages.seedsAfter = page.next
      stages.areSeedsDone = page.next === null
      writer.reach(stages)
      await domain.addNow(packRows(found.map(seedRow), settings.streamBatchSize))
    }
    seeds.end()
    domain.end()
    if (query.by === 'values') {
      writer.addUnmatched(
        'seeds',
        query.values.filter((value) => !matched.has(value)),
      )
    }
    await writer.commit()
  }

  async function* traced(signal: AbortSignal) {
    const batches = (ahead: AbortSignal) =>
      seeds.batches(stages.seedsTraced, settings.idBatchSize, ahead, FIRST_SEEDS)
    const readings = readAhead(batches, hasLineage ? askLineage : noRelatives, {
      inFlight: Math.min(LINEAGE_IN_FLIGHT, settings.sourceConcurrency),
      maxHeld: LINEAGE_IN_FLIGHT,
      begin: (ahead) => limit.begin('lineage', ahead),
      signal,
    })
    for await (const { task: ids, pages } of readings) {
      for await (const [lineage] of pages) yield { ids, lineage: lineage! }
    }
  }

  async function* askLineage(ids: string[], signal: AbortSignal): AsyncGenerator<Relatives[]> {
    try {
      yield [await source.lineage(ids, direction, { details: false, signal })]
    } catch (cause) {
      if (signal.aborted) throw cause
      if (isTraceError(cause)) warn(`Lineage of job ${jobId} failed: ${reasonsOf(cause)}`)
      throw lineageProblem(cause, warn)
    }
  }

  /** Of a profile whose questions are about the seeds alone. */
  async function* noRelatives(): AsyncGenerator<Relatives[]> {
    yield [{ direction: 'backward', ancestors: new Map(), seedRoots: new Map() }]
  }

  async function traceLineage(signal: AbortSignal) {
    for await (const { ids, lineage } of traced(signal)) {
      const fresh = takeCids(cidsOf(ids, lineage))
      const relatives = [...(lineage.direction === 'backward' ? lineage.ancestors : lineage.childrenMap)]
      const roots = lineage.direction === 'backward' ? [...lineage.seedRoots] : []
      writer.keep('cids', fresh)
      // What only figures need is kept only for them.
      if (aggregation) {
        aggregation.addLineage(relatives)
        aggregation.addRoots(roots)
        writer.keepEntries('lineage', relatives)
        writer.keepEntries('roots', roots)
      }
      stages.seedsTraced += ids.length
      writer.reach(stages)
      await writer.commit()
    }
    isTraced = true
    cids.end()
    await writer.commit()
  }

  /** Those of a page that have not come before; a source that joins values to lots may name one twice. */
  function newSeeds({ seeds: page }: SeedPage) {
    const here = new Set<string>()
    return page.filter(({ container_id: id }) => {
      if (here.has(id) || knownSeeds.find(id) !== undefined) return false
      here.add(id)
      return true
    })
  }

  function seedRow(seed: SeedPage['seeds'][number]) {
    return {
      CONTAINERID: seed.container_id,
      CONTAINERNAME: seed.container_name,
      LOT_ID: seed.lot_id,
      ...(query.by === 'values' ? { INPUT_VALUE: seed.inputValue ?? null } : {}),
    }
  }

  return {
    seeds,
    cids,
    progress() {
      const { areSeedsDone } = stages
      return {
        phase: !areSeedsDone ? 'seeds' : isTraced ? 'fetching' : 'lineage',
        seedsDone: stages.seedsTraced,
        ...(areSeedsDone ? { seedsTotal: seeds.length } : {}),
        ...(isTraced ? { cidCount: cids.length } : {}),
      }
    },
    findSeeds,
    traceLineage,
  }
}

/** What is needed of a batch's lineage. */
type Relatives =
  | Pick<BackwardLineage, 'direction' | 'ancestors' | 'seedRoots'>
  | Pick<ForwardLineage, 'direction' | 'childrenMap'>

/** The seeds of a batch, then their relatives in the order of the seeds. */
function* cidsOf(seedIds: readonly string[], lineage: Relatives): Generator<string> {
  yield* seedIds
  if (lineage.direction === 'backward') {
    for (const id of seedIds) yield* lineage.ancestors.get(id) ?? []
    return
  }
  // Breadth first. A batch's children are all those of its seeds, however deep.
  const walked = new Set(seedIds)
  for (const id of walked) {
    for (const child of lineage.childrenMap.get(id) ?? []) walked.add(child)
  }
  yield* walked
}
