import { linkSignal, type LinkedSignal } from '../../async/abort.js'
import { runInSlices } from '../../async/slices.js'
import { toTraceError } from '../../errors.js'
import { joinBytes, joinBytesInSteps } from '../../json/bytes.js'
import { readChunks, type ByteSource } from '../../json/readChunks.js'
import {
  isJobAccepted,
  jobAccepted,
  type JobAccepted,
  type LineageAnswer,
  type SeedAnswer,
} from '../../protocol/index.js'
import { jsonHeaders } from '../http/callApi.js'
import { createRetryBudget } from '../http/createRetryBudget.js'
import { endpoint } from '../http/resolveUrl.js'
import { asJson, readJson } from '../http/readJson.js'
import { reached, sendRequest, withDeadline } from '../http/sendRequest.js'
import { waitToRetry } from '../http/waitToRetry.js'
import { readLines, type StreamedBody } from '../job/followJob.js'
import { readJob, replacingRows } from '../job/readJob.js'
import { createStreamJudge, type JudgeOptions } from '../judge/createStreamJudge.js'
import { LOG_START, type StreamPosition } from '../judge/StreamPosition.js'
import type { TransportRequest, TransportResponse } from '../ports/TraceTransport.js'
import { slicesOf, type RunContext, type TraceContext } from '../run/TraceContext.js'
import type { TraceQuestion } from '../run/TraceQuestion.js'
import type { StageRetry } from './createStageRetry.js'

export interface EventsRequest extends Omit<JudgeOptions, 'position'> {
  question: TraceQuestion
  seeds: SeedAnswer
  lineage: LineageAnswer
  /** Whether new rows replace those held from before. */
  replacesRows: boolean
  /** Whether the server must not take a stored answer. */
  mustBeFresh: boolean
}

/**
 * Asks for the rows and reads them. The server answers with a job, a stream, or one JSON body, whose rows are read while
 * it comes, as a stream's. A broken stream or body has no log behind it: the question is asked again, a few times.
 *
 * @throws {TraceError} the server's word (413, 429, 503 …), the job's error, what the stream was lacking
 */
export async function askEvents(
  request: EventsRequest,
  ask: StageRetry,
  context: RunContext,
): Promise<StreamPosition> {
  const body = await eventsBody(request, context)
  const budget = createRetryBudget(context)
  for (let tries = 0; ; tries++) {
    const link = linkSignal(context.signal)
    try {
      const answer = await ask('events', () => post(body, request, link, context))
      if ('job' in answer) {
        const { job } = answer
        // An earlier job no longer counts.
        const changes = { job, position: undefined, mustRerun: undefined, mustBeFresh: undefined }
        await context.report({ type: 'job-accepted', job }, changes)
      }
      const options = { ...request, position: LOG_START }
      try {
        return await replacingRows(request.replacesRows || tries > 0, context, (run) =>
          'job' in answer ? readJob(answer.job, options, run) : readAnswer(answer, options, link, run),
        )
      } catch (cause) {
        context.signal.throwIfAborted()
        const error = toTraceError(cause)
        // A job has a log to go on with, and has been read with patience.
        if ('job' in answer || tries >= context.policy.maxRestarts) throw error
        await waitToRetry(error, budget.spend(error), context)
      }
    } finally {
      link.abort()
      link.unlink()
    }
  }
}

const encoder = new TextEncoder()

/** By `lineage_id` it is small; without, it carries every id and the lineage. */
async function eventsBody(
  { question: { profile, params }, domains, seeds, lineage }: EventsRequest,
  context: TraceContext,
): Promise<string | Uint8Array<ArrayBuffer>> {
  const { lineageId, eventsJson } = lineage
  const envelope = { profile, domains, params, cache_key: seeds.cacheKey }
  if (!eventsJson) return JSON.stringify({ ...envelope, lineage_id: lineageId })
  const head = encoder.encode(`${JSON.stringify(envelope).slice(0, -1)},`)
  const parts = [head, eventsJson, encoder.encode('}')]
  return await runInSlices(joinBytesInSteps(parts), slicesOf(context))
}

async function post(
  body: TransportRequest['body'],
  { mustBeFresh }: EventsRequest,
  link: LinkedSignal,
  context: TraceContext,
): Promise<{ job: JobAccepted } | StreamedBody> {
  const { environment, policy } = context
  const fresh: Record<string, string> = mustBeFresh ? { 'Cache-Control': 'no-cache' } : {}
  const headers = jsonHeaders({
    body,
    headers: { Accept: 'application/x-ndjson, application/json', ...fresh },
  })
  return await withDeadline(policy.stageTimeoutMs, link, environment, async () => {
    const url = endpoint('events', environment.baseUrl)
    const response = await sendRequest({ method: 'POST', url, headers, body }, link.signal, context)
    if (response.headers.get('content-type')?.includes('ndjson')) {
      return { bytes: response.body, format: 'lines' }
    }
    const { json, bytes } = await readStart(response, link.signal)
    // The body says whether it is a job, as with the original.
    return isJobAccepted(json) ? { job: jobAccepted(json) } : { bytes, format: 'answer' }
  })
}

/** Nothing of it goes into a checkpoint: there is no log to go on with. */
async function readAnswer(
  body: StreamedBody,
  options: JudgeOptions,
  link: LinkedSignal,
  context: RunContext,
): Promise<StreamPosition> {
  const judge = createStreamJudge(options)
  await readLines(body, judge, link, { ...context, report: (delta) => context.report(delta) })
  return judge.position
}

/** Longest body that is looked at as a whole. One that says where a job is has some 500 bytes. */
const START_BYTES = 16 * 1024

/** A JSON body whose end may be far away. */
interface StartedBody {
  /** Its value; `undefined` for a long body. */
  json: unknown
  /** All of it. */
  bytes: ByteSource
}

/**
 * The beginning of a body, which tells whether the whole is short or has any number of rows.
 *
 * @throws {TraceError} `UNEXPECTED_RESPONSE` when a short one is no JSON; `NETWORK_ERROR`
 * @throws `signal.reason` at once on abort
 */
async function readStart(response: TransportResponse, signal: AbortSignal): Promise<StartedBody> {
  const { body } = response
  if (!body) {
    const json = await readJson(response, signal)
    return { json, bytes: bytesOf(encoder.encode(JSON.stringify(json))) }
  }
  const chunks = readChunks(body, signal)
  const parts: Uint8Array[] = []
  let length = 0
  let hasEnded = false
  await reached(signal, async () => {
    while (length < START_BYTES && !hasEnded) {
      const { done, value } = await chunks.next()
      if (done) hasEnded = true
      else {
        // A chunk is valid until the next one is asked for.
        parts.push(value.slice())
        length += value.length
      }
    }
  })
  const start = joinBytes(parts)
  if (!hasEnded) return { json: undefined, bytes: bytesOf(start, chunks) }
  const json = await asJson(response, () => JSON.parse(new TextDecoder().decode(start)) as unknown)
  return { json, bytes: bytesOf(start) }
}

async function* bytesOf(start: Uint8Array, more?: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start
  if (more) yield* more
}
