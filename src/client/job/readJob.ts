import { TraceError } from '../../errors.js'
import type { JobAccepted } from '../../protocol/index.js'
import { below } from '../http/resolveUrl.js'
import { waitingFor } from '../http/waitToRetry.js'
import type { JudgeOptions } from '../judge/createStreamJudge.js'
import type { StreamPosition } from '../judge/StreamPosition.js'
import type { RunContext } from '../run/TraceContext.js'
import type { TraceStep } from '../run/TraceUpdate.js'
import { followJob } from './followJob.js'
import { pageResult } from './pageResult.js'
import { pollTraceJob } from './pollJob.js'

/**
 * A job's rows by the best way the server has: follow its log, else poll and stream, else poll and page.
 *
 * @throws {TraceError} the job's own error, and as `followJob`, `pollTraceJob` and `pageResult`
 */
export async function readJob(
  job: JobAccepted,
  judgeOptions: JudgeOptions,
  context: RunContext,
): Promise<StreamPosition> {
  const options = { ...judgeOptions, jobId: job.jobId }
  if (job.followUrl) return followJob({ ...options, url: job.followUrl, canFollow: true }, context)
  await untilCompleted(job, context)
  if (job.streamUrl) return followJob({ ...options, url: job.streamUrl, canFollow: false }, context)
  const url = job.resultUrl ?? below(job.statusUrl, 'result', context.environment.baseUrl)
  return pageResult({ url, domains: options.domains }, context)
}

/** @throws {TraceError} the job's own error (`JOB_FAILED` when it has no code), `JOB_CANCELLED` */
async function untilCompleted({ jobId, statusUrl }: JobAccepted, context: RunContext) {
  for await (const event of pollTraceJob({ url: statusUrl, jobId }, context)) {
    if (event.type === 'retry') {
      await context.report(waitingFor(event.error, event.delayMs, context))
      continue
    }
    const { status } = event
    await context.report({ delta: { type: 'job-status', status } })
    if (status.status === 'cancelled') throw new TraceError('JOB_CANCELLED', 'The job was cancelled')
    if (status.status === 'failed') {
      throw new TraceError(status.errorCode ?? 'JOB_FAILED', status.error ?? 'The job failed', {
        details: { jobId: status.jobId },
      })
    }
  }
}

const ROWS_DROPPED: TraceStep = { delta: { type: 'rows-dropped' }, checkpoint: { position: undefined } }

/**
 * What `read` reports, with `rows-dropped` before the first new row: rows of an earlier try stay readable until there is
 * something to show in their place. What is said of domains before that row is held back, and its position in the log
 * with it.
 */
export async function replacingRows<TResult>(
  context: RunContext,
  read: (context: RunContext) => Promise<TResult>,
): Promise<TResult> {
  let heldBack: TraceStep[] | null = []

  async function release() {
    const steps = [ROWS_DROPPED, ...(heldBack ?? [])]
    heldBack = null
    for (const step of steps) await context.report(step)
  }

  async function report(step: TraceStep) {
    const { type } = step.delta
    if (heldBack && type === 'rows') await release()
    if (!heldBack) return await context.report(step)
    if (type === 'rows-dropped') heldBack = []
    else if (type === 'aggregation' || type.startsWith('domain-')) heldBack.push(step)
    else await context.report(withoutPosition(step))
  }

  const result = await read({ ...context, report })
  if (heldBack) await release()
  return result
}

function withoutPosition({ delta, checkpoint = {} }: TraceStep): TraceStep {
  const { position: _, ...others } = checkpoint
  return { delta, checkpoint: others }
}
