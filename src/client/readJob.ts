import type { JobAccepted } from '../protocol/index.js'
import { awaitJob } from './awaitJob.js'
import type { JudgeOptions } from './createStreamJudge.js'
import { pageResult } from './pageResult.js'
import { newsOfProgress, newsOfStatus } from './pollTraceJob.js'
import { below } from './resolveUrl.js'
import type { StreamPosition } from './StreamPosition.js'
import { streamJob } from './streamJob.js'
import type { TraceContext } from './TraceContext.js'
import type { TraceDelta, TraceStep } from './TraceUpdate.js'
import { waiting } from './waitToRetry.js'

/**
 * A job's rows by the best way the server has: follow its log, else poll and stream, else poll and page. A job of which
 * the server says nothing new for `jobSilenceMs` may be lost: that is said, and the person who waits decides.
 */
export async function* readJob(
  job: JobAccepted,
  options: JudgeOptions,
  context: TraceContext,
): AsyncGenerator<TraceStep, StreamPosition> {
  const { environment, policy } = context
  const steps = readLog(job, options, context)
  let last = ''
  let lastAt = environment.monotonic()
  try {
    for (;;) {
      const step = await steps.next()
      if (step.done) return step.value
      yield step.value
      const { delta } = step.value
      if (delta.type === 'waiting') continue
      const news = newsOf(delta)
      const now = environment.monotonic()
      if (news === null || news !== last) lastAt = now
      else if (now - lastAt >= policy.jobSilenceMs) yield waiting('silent')
      last = news ?? last
    }
  } finally {
    await steps.return(undefined as never)
  }
}

/** What a server's word of the job says; `null` of what comes of the job itself. */
function newsOf(delta: TraceDelta): string | null {
  if (delta.type === 'job-status') return newsOfStatus(delta.status)
  return delta.type === 'progress' ? newsOfProgress(delta.progress) : null
}

async function* readLog(
  job: JobAccepted,
  judgeOptions: JudgeOptions,
  context: TraceContext,
): AsyncGenerator<TraceStep, StreamPosition> {
  const options = { ...judgeOptions, jobId: job.jobId }
  if (job.followUrl) return yield* streamJob({ ...options, url: job.followUrl, canFollow: true }, context)
  yield* awaitJob(job, context)
  if (job.streamUrl) return yield* streamJob({ ...options, url: job.streamUrl, canFollow: false }, context)
  const url = job.resultUrl ?? below(job.statusUrl, 'result', context.environment.baseUrl)
  return yield* pageResult({ url, domains: options.domains }, context)
}
