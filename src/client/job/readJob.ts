import type { JobAccepted } from '../../protocol/index.js'
import { awaitJob } from './awaitJob.js'
import type { JudgeOptions } from '../judge/createStreamJudge.js'
import { pageResult } from './pageResult.js'
import { below } from '../http/resolveUrl.js'
import type { StreamPosition } from '../judge/StreamPosition.js'
import { streamJob } from './followJob.js'
import type { TraceContext } from '../run/TraceContext.js'
import type { TraceStep } from '../run/TraceUpdate.js'

/** A job's rows by the best way the server has: follow its log, else poll and stream, else poll and page. */
export async function* readJob(
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
