import { newsOfProgress, newsOfStatus } from './pollTraceJob.js'
import type { TraceContext } from '../run/TraceContext.js'
import type { TraceDelta } from '../run/TraceUpdate.js'

/**
 * Tells a job that may be lost: its server goes on answering, but has had nothing new to say of it for `jobSilenceMs`.
 *
 * @returns whether `delta`, the next thing that happened, is such an answer
 */
export function createNewsWatch({
  environment,
  policy,
}: Pick<TraceContext, 'environment' | 'policy'>): (delta: TraceDelta) => boolean {
  let last: string | null = null
  let lastAt = environment.monotonic()

  return (delta) => {
    if (delta.type === 'waiting') return false
    const news = newsOf(delta)
    const isNew = news === null || news !== last
    if (isNew) lastAt = environment.monotonic()
    last = news ?? last
    return !isNew && environment.monotonic() - lastAt >= policy.jobSilenceMs
  }
}

/** A server's word of its job; `null` of what comes of the job itself. */
function newsOf(delta: TraceDelta): string | null {
  if (delta.type === 'job-status') return newsOfStatus(delta.status)
  return delta.type === 'progress' ? newsOfProgress(delta.progress) : null
}
