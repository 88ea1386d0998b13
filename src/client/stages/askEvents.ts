import { toTraceError } from '../../errors.js'
import {
  isJobAccepted,
  jobAccepted,
  type JobAccepted,
  type LineageAnswer,
  type SeedAnswer,
} from '../../protocol/index.js'
import { buildEventsBody } from './buildEventsBody.js'
import { jsonHeaders } from '../http/callApi.js'
import { createRetryBudget } from '../http/createRetryBudget.js'
import type { StageAsker } from './createStageAsker.js'
import { createStreamJudge, type JudgeOptions } from '../judge/createStreamJudge.js'
import { judgeStream } from '../judge/judgeStream.js'
import { linkSignal, type LinkedSignal } from '../../async/abort.js'
import type { TransportRequest } from '../ports/TraceTransport.js'
import { readJob } from '../job/readJob.js'
import { readStart } from '../job/readStart.js'
import { readStream, type StreamedBody } from '../job/readStream.js'
import { replacingRows } from '../job/replacingRows.js'
import { endpoint } from '../http/resolveUrl.js'
import { sendRequest } from '../http/sendRequest.js'
import { LOG_START, type StreamPosition } from '../judge/StreamPosition.js'
import type { TraceContext } from '../run/TraceContext.js'
import type { TraceQuestion } from '../run/TraceQuestion.js'
import type { TraceStep } from '../run/TraceUpdate.js'
import { waitToRetry } from '../http/waitToRetry.js'
import { withDeadline } from '../http/withDeadline.js'

export interface EventsRequest extends Omit<JudgeOptions, 'position'> {
  question: TraceQuestion
  seeds: SeedAnswer
  lineage: LineageAnswer
  /** Whether rows held from before count for nothing once new ones come. */
  replacesRows: boolean
  /** Whether stored answers will not do. */
  mustBeFresh: boolean
}

/**
 * Asks for the rows and reads them, whichever way the server answers: a job, a stream, or one JSON body, whose rows are
 * read while it comes, as a stream's. What breaks here has no log behind it, so the question is asked again, a few times.
 *
 * @throws {TraceError} the server's word (413, 429, 503 …), the job's error, what the stream was lacking
 */
export async function* askEvents(
  request: EventsRequest,
  ask: StageAsker,
  context: TraceContext,
): AsyncGenerator<TraceStep, StreamPosition> {
  const body = await buildEventsBody(
    request.question,
    request.domains,
    request.seeds,
    request.lineage,
    context,
  )
  const budget = createRetryBudget(context)
  for (let tries = 0; ; tries++) {
    const link = linkSignal(context.signal)
    const replacesRows = request.replacesRows || tries > 0
    try {
      const answer = yield* ask('events', () => post(body, request, link, context))
      if ('job' in answer) {
        const { job } = answer
        yield acceptedStep(job)
        const steps = readJob(job, { ...request, position: LOG_START }, context)
        return yield* replacingRows(steps, replacesRows)
      }
      try {
        const steps = streamedAnswer(answer, request, link, context)
        return yield* replacingRows(steps, replacesRows)
      } catch (cause) {
        context.signal.throwIfAborted()
        const error = toTraceError(cause)
        if (tries >= context.policy.maxRestarts) throw error
        yield* waitToRetry(error, budget.spend(error), context)
      }
    } finally {
      link.abort()
      link.unlink()
    }
  }
}

/** A job taken on: whatever is known of an earlier one is over. */
export function acceptedStep(job: JobAccepted): TraceStep {
  return {
    delta: { type: 'job-accepted', job },
    checkpoint: { job, position: undefined, mustRerun: undefined, mustBeFresh: undefined },
  }
}

type Answer = { job: JobAccepted } | StreamedBody

async function post(
  body: TransportRequest['body'],
  { mustBeFresh }: EventsRequest,
  link: LinkedSignal,
  context: TraceContext,
): Promise<Answer> {
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
    // The original tells a job by the body, and so do we.
    return isJobAccepted(json) ? { job: jobAccepted(json) } : { bytes, format: 'answer' }
  })
}

/** Nothing of it goes into a checkpoint: there is no log to go on with. */
async function* streamedAnswer(
  body: StreamedBody,
  request: EventsRequest,
  link: LinkedSignal,
  context: TraceContext,
): AsyncGenerator<TraceStep, StreamPosition> {
  const judge = createStreamJudge({ ...request, position: LOG_START })
  const events = readStream(body, link, context)
  for await (const { delta } of judgeStream(events, judge, link, context)) yield { delta }
  return judge.position
}
