import type { JsonReader } from '../../../src/json/createJsonReader.js'
import { isText, isTextList } from '../../../src/protocol/checks.js'
import type { Direction } from '../../../src/protocol/index.js'
import type { Slices } from '../../../src/async/slices.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'
import { decodePart } from '../defects/aggregationParts.js'
import { createDefectAggregation } from '../defects/createDefectAggregation.js'
import { findJob, mustBeComplete } from '../jobs/findJob.js'
import { invalid, readBody, readField, type Reading } from '../questions/parseRequest.js'
import { isStoredDetection } from '../questions/RunQuestion.js'
import { hasFigures } from '../questions/profiles.js'
import { unpackEntries, unpackItems } from '../store/fragments.js'
import { findRunQuestion } from './findRunQuestion.js'

/** Most loss reasons of a request. */
const MAX_REASONS = 1_000

/**
 * Reads `{"loss_reasons": ["…"]}`; `null` or nothing stands for all of them.
 *
 * @throws {TraceError} `INVALID_PARAMS`
 */
export function* readLossReasons(bytes: Uint8Array): Reading<string[] | null> {
  let reasons: unknown = null
  yield* readBody(bytes, (json: JsonReader) => ({
    *loss_reasons() {
      reasons = json.next() === 'list' ? yield* json.value(2 ** 16) : yield* readField(json)
      if (reasons === undefined) throw invalid('loss_reasons must not be longer than 64 kB')
    },
  }))
  if (reasons === null) return null
  if (!isTextList(reasons)) throw invalid('loss_reasons must be a list of texts')
  if (reasons.length > MAX_REASONS) throw invalid(`loss_reasons must contain at most ${MAX_REASONS} names`)
  const names = reasons.map((reason) => reason.trim()).filter((reason) => reason !== '')
  return names.length === 0 ? null : names
}

type Deps = Pick<TraceDeps, 'log' | 'store' | 'codec' | 'description'> & { slices: Slices }

type Again = { aggregation: Record<string, unknown> }

/** No rows come any more: what they said is restored. */
const NO_ROWS = new Map()

/** The turn of the last caller in this process: each holds tens of MB, so one works at a time. */
let lastTurn: Promise<unknown> = Promise.resolve()

/**
 * The figures of a completed defect run for other loss reasons, from what the job has kept: its rows do not depend on
 * them, so nothing is fetched.
 *
 * @throws {TraceError} `JOB_NOT_FOUND`, `JOB_RESULT_EXPIRED`, `JOB_NOT_COMPLETE`; `INVALID_PARAMS` for a job that has no
 *   figures; `CHUNK_MISSING`
 */
export async function aggregateAgain(
  deps: Deps,
  jobId: string,
  lossReasons: string[] | null,
  { owner, signal }: Caller,
): Promise<Again> {
  const job = await findJob(deps.log, jobId, owner)
  if (job.kind !== 'run' || !hasFigures(deps.description, job.profile)) throw noFigures()
  mustBeComplete(job)
  const { direction } = await findRunQuestion(deps, jobId)
  const turn = lastTurn.then(() => figuresOf(deps, { jobId, direction, lossReasons, signal }))
  lastTurn = turn.catch(() => undefined)
  return turn
}

interface Asked {
  jobId: string
  direction: Direction
  lossReasons: string[] | null
  signal: AbortSignal
}

async function figuresOf(
  { log, codec, slices }: Deps,
  { jobId, direction, lossReasons, signal }: Asked,
): Promise<Again> {
  // Who left while waiting takes no turn.
  signal.throwIfAborted()
  let aggregation = createDefectAggregation(direction, NO_ROWS)
  let isWhole = false

  async function breathe() {
    signal.throwIfAborted()
    await slices.breathe()
  }

  for await (const chunk of log.list(jobId, 'postings')) {
    const part = decodePart(codec.decode(chunk))
    if (part.kind === 'begin') aggregation = createDefectAggregation(direction, NO_ROWS)
    isWhole = part.kind === 'end'
    aggregation.restore(part)
    await breathe()
  }
  if (!isWhole) throw noFigures()
  for await (const found of unpackItems(codec, log.list(jobId, 'detections'), isStoredDetection)) {
    aggregation.addDetections(found)
    await breathe()
  }
  for await (const roots of unpackEntries(codec, log.list(jobId, 'roots'), isText)) {
    aggregation.addRoots(Object.entries(roots))
    await breathe()
  }
  return { aggregation: await slices.run(aggregation.finishInSteps(lossReasons)) }
}

function noFigures() {
  return invalid(
    'the job has no figures that could be asked for again: ask a whole defect question by POST /api/trace/run',
  )
}
