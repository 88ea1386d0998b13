import type { JobDescriptor } from '../ports/index.js'
import { randomHex } from './hashKey.js'
import { storeQuestion, type StoredQuestion } from './Question.js'
import type { TraceDeps } from './TraceDeps.js'

type Deps = Pick<TraceDeps, 'log' | 'store' | 'codec' | 'queue' | 'clock' | 'settings'>

/** An id of a job that nobody can guess. */
export function newJobId(): string {
  return `trace-evt-${randomHex(16)}`
}

/** How long a job's question must be kept: as long as the job itself can last. */
export function questionTtlSeconds({ jobTimeoutSeconds, jobTtlSeconds }: TraceDeps['settings']): number {
  return jobTimeoutSeconds + jobTtlSeconds
}

/**
 * Makes a job of a stored question and hands it to the queue.
 *
 * @throws {TraceError} `MEMORY_GUARD`, `QUEUE_UNAVAILABLE`, `STORE_UNAVAILABLE`
 */
export async function submitJob(
  deps: Deps,
  jobId: string,
  owner: string,
  question: StoredQuestion,
): Promise<JobDescriptor> {
  const { log, queue, clock, settings } = deps
  const { profile, domains, cidCount } = question
  const job: JobDescriptor = { jobId, owner, profile, domains, cidCount, createdAtMs: clock.now() }
  await storeQuestion(deps, jobId, question, questionTtlSeconds(settings))
  await log.create(job)
  try {
    await queue.submit(jobId)
  } catch (cause) {
    await log.delete(jobId)
    throw cause
  }
  return job
}
