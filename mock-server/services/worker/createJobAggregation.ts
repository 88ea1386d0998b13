import { isTraceError, TraceError } from '../../../src/errors.js'
import type { Slices } from '../../../src/async/slices.js'
import type { SourceDescription } from '../../../src/protocol/index.js'
import type { ChunkCodec, DefectParams, LogEntry, ResultLog, StoredChunk } from '../../ports/index.js'
import { createDefectAggregation, type DefectAggregation } from '../defects/createDefectAggregation.js'
import { encodePart } from '../defects/aggregationParts.js'
import { figureRoles, type FigureRoles } from '../defects/figureRoles.js'
import { parseDefectParams } from '../defects/parseDefectParams.js'
import { AGGREGATION_START, LINE_END, lineData, parseRows, recordsStart } from '../log/logLines.js'
import { findProfile } from '../questions/profiles.js'
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
  description: SourceDescription
}

/**
 * The aggregation of a question with figures; `null` for others.
 *
 * @throws {TraceError} `INVALID_PARAMS` when the question cannot be aggregated
 */
export function createJobAggregation(
  { log, codec, slices, description }: Parts,
  jobId: string,
  question: Pick<QuestionHead, 'profile' | 'params'>,
): JobAggregation | null {
  const profile = findProfile(description, question.profile)
  if (!profile?.figures) return null
  const params = parseDefectParams(profile, question.params as Record<string, unknown> | undefined)
  const roles: FigureRoles = figureRoles(description)
  const aggregation = createDefectAggregation(params.direction, roles)

  return {
    ...aggregation,
    params,

    async replay(written, signal) {
      for (const entry of written) {
        if (entry.type !== 'records' || !roles.has(entry.domain)) continue
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
