import { TraceError } from '../../errors.js'
import type { JobAccepted } from '../../protocol/index.js'
import { below } from '../http/resolveUrl.js'
import { waitingFor } from '../http/waitToRetry.js'
import type { JudgeOptions } from '../judge/createStreamJudge.js'
import type { StreamPosition } from '../judge/StreamPosition.js'
import type { TraceCheckpoint } from '../run/TraceCheckpoint.js'
import type { RunContext } from '../run/TraceContext.js'
import type { TraceDelta, TraceStep } from '../run/TraceUpdate.js'
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
    await context.report({ type: 'job-status', status })
    if (status.status === 'cancelled') throw new TraceError('JOB_CANCELLED', 'The job was cancelled')
    if (status.status === 'failed') {
      throw new TraceError(status.errorCode ?? 'JOB_FAILED', status.error ?? 'The job failed', {
        details: { jobId: status.jobId },
      })
    }
  }
}

/**
 * What `read` reports and, if it `replaces` rows of an earlier try, `rows-dropped` before the first new one: until then
 * the earlier ones stay readable. What is said of domains before that row is held back, and its position in the log
 * with it.
 */
export async function replacingRows<TResult>(
  replaces: boolean,
  context: RunContext,
  read: (context: RunContext) => Promise<TResult>,
): Promise<TResult> {
  if (!replaces) return await read(context)
  let heldBack: TraceStep[] | null = []

  async function release() {
    const steps = heldBack ?? []
    heldBack = null
    await context.report({ type: 'rows-dropped' }, { position: undefined })
    for (const { delta, checkpoint } of steps) await context.report(delta, checkpoint)
  }

  async function report(delta: TraceDelta, checkpoint: Partial<TraceCheckpoint> = {}) {
    const { type } = delta
    if (heldBack && type === 'rows') await release()
    if (!heldBack) return await context.report(delta, checkpoint)
    if (type === 'rows-dropped') heldBack = []
    else if (type === 'aggregation' || type === 'unmatched' || type.startsWith('domain-'))
      heldBack.push({ delta, checkpoint })
    else {
      const { position: _, ...others } = checkpoint
      await context.report(delta, others)
    }
  }

  const result = await read({ ...context, report })
  if (heldBack) await release()
  return result
}
