import { TraceError } from '../../errors.js'
import { isJobAccepted, jobAccepted, type JobAccepted, type Stage } from '../../protocol/index.js'
import { callApi, type ApiCall } from '../http/callApi.js'
import { below } from '../http/resolveUrl.js'
import { waitingFor } from '../http/waitToRetry.js'
import { pollTraceJob } from '../job/pollJob.js'
import type { RunContext } from '../run/TraceContext.js'
import type { StageRetry } from './createStageRetry.js'

/**
 * The body of a stage's answer. A server may also answer with a job: it is polled, and its result is the answer.
 *
 * @param callOf makes the call of each try: the readers of one that broke off hold half an answer
 * @throws {TraceError} the server's word, the job's error
 */
export async function askStage(
  stage: Stage,
  callOf: () => ApiCall,
  ask: StageRetry,
  context: RunContext,
): Promise<unknown> {
  const answer = await ask(stage, () => {
    const { wants, ...call } = callOf()
    return callApi({ ...call, wants: wants && ((key) => wants(key) || isOfJob(key)) }, context)
  })
  if (!isJobAccepted(answer.body)) return answer.body
  const job = jobAccepted(answer.body)
  await untilStageDone(job, context)
  const url = job.resultUrl ?? below(job.statusUrl, 'result', context.environment.baseUrl)
  const result = await ask(stage, () =>
    callApi({ ...callOf(), method: 'GET', url, body: undefined }, context),
  )
  return result.body
}

/** What a 202 needs of an answer of which only some keys are read. */
function isOfJob(key: string): boolean {
  return key === 'async' || key === 'job_id' || key.endsWith('_url')
}

/** It is no job of the question: nothing goes on with it, and of its status only the progress is of use. */
async function untilStageDone({ jobId, statusUrl }: JobAccepted, context: RunContext) {
  for await (const event of pollTraceJob({ url: statusUrl, jobId }, context)) {
    if (event.type === 'retry') {
      await context.report(waitingFor(event.error, event.delayMs, context))
      continue
    }
    const { status, detail, errorCode, error } = event.status
    if (status === 'cancelled') throw new TraceError('JOB_CANCELLED', 'The job was cancelled')
    if (status === 'failed') throw new TraceError(errorCode ?? 'JOB_FAILED', error ?? 'The job failed')
    if (detail) await context.report({ type: 'progress', progress: detail })
  }
}
