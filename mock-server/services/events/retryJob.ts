import { TraceError } from '../../../src/errors.js'
import type { AcceptedJob } from './acceptJob.js'
import { mustHaveRoom } from './admit.js'
import { findJob } from '../jobs/findJob.js'
import { newTicket } from '../questions/newId.js'
import { keepQuestion, questionTtlSeconds } from '../questions/Question.js'
import { keepRunQuestion } from '../questions/RunQuestion.js'
import type { JobSnapshot } from '../../ports/index.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'

type Deps = Pick<TraceDeps, 'log' | 'store' | 'codec' | 'queue' | 'clock' | 'settings'>

/**
 * Goes on with a job in the same log: a failed one from its checkpoints, a partial one with its failed domains. One
 * that is on its way, or whole, is given as it is.
 *
 * @throws {TraceError} `JOB_NOT_FOUND`; `JOB_RESULT_EXPIRED` when its question is gone; 409 `JOB_CANCELLED`;
 *   `QUEUE_FULL`, `QUEUE_UNAVAILABLE`, `STORE_UNAVAILABLE`
 */
export async function retryJob(deps: Deps, jobId: string, owner: string): Promise<AcceptedJob> {
  const { log, queue, clock, settings } = deps
  const job = await findJob(log, jobId, owner)
  const { kind, state, cidCount, createdAtMs } = job
  if (state === 'cancelled') {
    throw new TraceError('JOB_CANCELLED', 'the job was cancelled and its rows are gone; ask anew', {
      status: 409,
      details: { status: state },
    })
  }
  const ticket = newTicket()
  await mustHaveRoom(deps)
  const ttlSeconds = questionTtlSeconds(settings)
  const isKept =
    kind === 'run'
      ? await keepRunQuestion(deps.store, jobId, ttlSeconds)
      : await keepQuestion(deps, jobId, ttlSeconds)
  if (!isKept) {
    throw new TraceError('JOB_RESULT_EXPIRED', "the job's question is no longer stored; ask anew")
  }
  if (await log.reopen(jobId, ticket)) await submit(deps, job)
  else {
    await log.join(jobId, ticket)
    // Another server may have reopened it and ended before it could hand it to the queue.
    if (state === 'queued') await queue.submit(jobId, job)
  }
  const domains = job.domains.map(({ name }) => name)
  return { jobId, kind, domains, cidCount, ticket, joinedAgeMs: clock.now() - createdAtMs }
}

/** A job that cannot be handed out has failed again, or it would wait for ever. */
async function submit({ log, queue }: Pick<Deps, 'log' | 'queue'>, job: JobSnapshot) {
  const { jobId } = job
  try {
    await queue.submit(jobId, job)
  } catch (cause) {
    const error = { code: 'QUEUE_UNAVAILABLE', message: 'The job could not be handed to a worker' } as const
    await log.finish(jobId, null, { state: 'failed', error }).catch(() => {})
    throw cause
  }
}
