import { isTraceError, TraceError } from '../../../src/errors.js'
import type { ChunkCodec, ResultLog, Row, StoredChunk, TraceSource } from '../../ports/index.js'
import type { Slices } from '../../../src/async/slices.js'
import type { DefectAggregation } from '../defects/DefectAggregation.js'
import { allEntries, validEntries } from '../log/logEntries.js'
import { AGGREGATION_START, LINE_END, lineData, parseRows, recordsStart } from '../log/logLines.js'
import { openDefectAggregation } from '../defects/openDefectAggregation.js'
import { parseDefectParams } from '../defects/parseDefectParams.js'
import type { Question } from '../questions/Question.js'

interface Parts {
  log: Pick<ResultLog, 'entries' | 'chunk'>
  codec: ChunkCodec
  source: Pick<TraceSource, 'detections'>
  slices: Slices
}

/** What a job computes from its rows while it writes them. */
export interface JobAggregation {
  /** Takes rows on their way to the log; before `catchUp()` they are only read from there. */
  observe: (domain: string, rows: readonly Row[]) => void
  /** Opens it, once, with what is in the log by now. Nothing may be added but not committed meanwhile. */
  catchUp: () => Promise<void>
  forget: (domain: string) => void
  /** The `aggregation` line, or `null` for a profile without one. */
  finish: () => Promise<StoredChunk | null>
}

const NONE: JobAggregation = {
  observe: () => {},
  catchUp: async () => {},
  forget: () => {},
  finish: async () => null,
}

/**
 * The aggregation of a `mid_section_defect` job. Opening it reads the whole lineage, so it is opened when the
 * first rows are on their way to the reader; from then on rows are observed as they pass. A writer that takes a
 * job over catches up in the same way.
 *
 * @throws {TraceError} `INVALID_PARAMS` when the question cannot be aggregated
 */
export function createJobAggregation(
  { log, codec, source, slices }: Parts,
  jobId: string,
  question: Question,
  signal: AbortSignal,
): JobAggregation {
  if (question.profile !== 'mid_section_defect') return NONE
  const params = parseDefectParams(question.params as Record<string, unknown> | undefined)
  let aggregation: DefectAggregation | null = null

  async function open(): Promise<DefectAggregation> {
    const opened = await openDefectAggregation({
      params,
      seedIds: question.seedIds(),
      lineage: question.lineage(),
      seedRoots: question.seedRoots(),
      source,
      signal,
      slices,
    })
    for (const entry of validEntries(await allEntries(log, jobId, 0))) {
      if (entry.type !== 'records') continue
      const line = codec.decode(await log.chunk(jobId, entry.seq))
      opened.observe(entry.domain, parseRows(lineData(line, recordsStart(entry)), entry.count))
      signal.throwIfAborted()
      await slices.breathe()
    }
    return opened
  }

  async function catchUp() {
    aggregation ??= await open().catch((cause: unknown) => {
      throw failed(cause)
    })
  }

  return {
    observe: (domain, rows) => aggregation?.observe(domain, rows),
    catchUp,
    forget: (domain) => aggregation?.forget(domain),
    async finish() {
      await catchUp()
      const text = JSON.stringify(await slices.run(aggregation!.finishInSteps()))
      return codec.encode(new TextEncoder().encode(AGGREGATION_START + text + LINE_END))
    },
  }
}

function failed(cause: unknown): TraceError {
  if (isTraceError(cause)) return cause
  return new TraceError('EVENTS_AGGREGATION_FAILED', 'aggregation service unavailable', { cause })
}
