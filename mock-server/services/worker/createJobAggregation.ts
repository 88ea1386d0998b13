import { isTraceError, TraceError } from '../../../src/errors.js'
import type { Slices } from '../../../src/async/slices.js'
import { lineageDirection } from '../../../src/protocol/index.js'
import type { ChunkCodec, DefectParams, LogEntry, ResultLog, StoredChunk } from '../../ports/index.js'
import { createDefectAggregation, type DefectAggregation } from '../defects/createDefectAggregation.js'
import { encodePart } from '../defects/aggregationParts.js'
import { saysOfDefects } from '../defects/createPostings.js'
import { parseDefectParams } from '../defects/parseDefectParams.js'
import { AGGREGATION_START, LINE_END, lineData, parseRows, recordsStart } from '../log/logLines.js'
import type { QuestionHead } from '../questions/Question.js'

/** What a job computes from its rows while it writes them. */
export interface JobAggregation extends Pick<
  DefectAggregation,
  'addDetections' | 'addLineage' | 'addRoots' | 'observe' | 'forget'
> {
  params: DefectParams
  /** Observes what earlier attempts have written. */
  replay: (written: readonly LogEntry[], signal: AbortSignal) => Promise<void>
  /** What other loss reasons can be answered from, as chunks of the list `postings`. */
  saved: () => Generator<Uint8Array>
  /** The `aggregation` line. @throws {TraceError} `EVENTS_AGGREGATION_FAILED` */
  finish: () => Promise<StoredChunk>
}

interface Parts {
  log: Pick<ResultLog, 'chunk'>
  codec: ChunkCodec
  slices: Slices
}

/**
 * The aggregation of a `mid_section_defect` job; `null` for a profile without one.
 *
 * @throws {TraceError} `INVALID_PARAMS` when the question cannot be aggregated
 */
export function createJobAggregation(
  { log, codec, slices }: Parts,
  jobId: string,
  { profile, params: asked }: Pick<QuestionHead, 'profile' | 'params'>,
): JobAggregation | null {
  if (profile !== 'mid_section_defect') return null
  const params = parseDefectParams(asked as Record<string, unknown> | undefined)
  const aggregation = createDefectAggregation(lineageDirection(profile, { direction: params.direction }))

  return {
    ...aggregation,
    params,

    async replay(written, signal) {
      for (const entry of written) {
        if (entry.type !== 'records' || !saysOfDefects(entry.domain)) continue
        const line = codec.decode(await log.chunk(jobId, entry.seq))
        aggregation.observe(entry.domain, parseRows(lineData(line, recordsStart(entry)), entry.count))
        signal.throwIfAborted()
        await slices.breathe()
      }
    },

    *saved() {
      for (const part of aggregation.save()) yield encodePart(part)
    },

    async finish() {
      try {
        const figures = await slices.run(aggregation.finishInSteps(params.lossReasons))
        const text = AGGREGATION_START + JSON.stringify(figures) + LINE_END
        return codec.encode(new TextEncoder().encode(text))
      } catch (cause) {
        throw aggregationFailed(cause)
      }
    },
  }
}

/** What failed is the figures, unless it has a name of its own. */
export function aggregationFailed(cause: unknown): TraceError {
  if (isTraceError(cause)) return cause
  return new TraceError('EVENTS_AGGREGATION_FAILED', 'aggregation service unavailable', { cause })
}
