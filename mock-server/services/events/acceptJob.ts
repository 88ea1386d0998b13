import { isTraceError } from '../../../src/errors.js'
import { isTerminal } from '../../../src/protocol/index.js'
import type { JobSnapshot } from '../../ports/index.js'
import { failedDomains } from '../log/logEntries.js'
import { newTicket } from '../questions/newId.js'
import {
  dropQuestion,
  questionTtlSeconds,
  storeQuestion,
  type StoredQuestion,
} from '../questions/Question.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'

/** A job that answers a request: made for it, or made for the same question before. */
export interface AcceptedJob {
  jobId: string
  cidCount: number
  /** The caller's claim on the job: a cancel gives it up. */
  ticket: string
  /** How long ago the question was first asked; `null` when the job was made now. */
  joinedAgeMs: number | null
}

type Deps = Pick<TraceDeps, 'log' | 'store' | 'codec' | 'queue' | 'questions' | 'clock' | 'settings'>

/** The job that others have asked for by the same question, if it is any good. */
export async function joinSameQuestion(deps: Deps, question: string): Promise<AcceptedJob | null> {
  const jobId = await deps.questions.find(question)
  return jobId === null ? null : join(deps, jobId)
}

/** A question whose lists are stored, for a job that is still to be made. */
interface NewJob {
  jobId: string
  /** Name of the question, the same for the same callers and questions. */
  question: string
  stored: StoredQuestion
}

/**
 * Makes a job of a stored question and hands it to the queue. When the same question was asked elsewhere meanwhile,
 * that job is joined instead.
 *
 * @throws {TraceError} `MEMORY_GUARD`, `QUEUE_UNAVAILABLE`, `STORE_UNAVAILABLE`
 */
export async function acceptJob(
  deps: Deps,
  { jobId, question, stored }: NewJob,
  { owner, fresh }: Pick<Caller, 'owner' | 'fresh'>,
): Promise<AcceptedJob> {
  const { log, queue, clock, settings } = deps
  const ticket = newTicket()
  const { profile, domains, cidCount } = stored
  await storeQuestion(deps, jobId, stored, questionTtlSeconds(settings))
  await log.create({ jobId, owner, profile, domains, cidCount, createdAtMs: clock.now() })
  try {
    await log.join(jobId, ticket)
    const other = await claim(deps, question, jobId, fresh)
    if (!other) {
      await queue.submit(jobId)
      return { jobId, cidCount, ticket, joinedAgeMs: null }
    }
    await drop(deps, jobId, stored)
    return other
  } catch (cause) {
    await drop(deps, jobId, stored)
    throw cause
  }
}

/** Makes `jobId` the answer to `question`, or joins the job that is; a job that is no good is replaced. */
async function claim(
  deps: Deps,
  question: string,
  jobId: string,
  fresh: boolean,
): Promise<AcceptedJob | null> {
  const { questions, settings } = deps
  for (let instead = fresh ? await questions.find(question) : null; ;) {
    const holder = await questions.claim(question, jobId, instead, questionTtlSeconds(settings))
    if (holder === jobId) return null
    const joined = fresh ? null : await join(deps, holder)
    if (joined) return joined
    instead = holder
  }
}

async function join({ log, clock, settings }: Deps, jobId: string): Promise<AcceptedJob | null> {
  const ticket = newTicket()
  try {
    const job = await log.snapshot(jobId)
    if (job === null || job === 'expired' || !isGood(job, clock.now(), settings.jobTtlSeconds * 1000))
      return null
    if (!(await log.join(jobId, ticket))) return null
    return { jobId, cidCount: job.cidCount, ticket, joinedAgeMs: clock.now() - job.createdAtMs }
  } catch (cause) {
    if (isTraceError(cause) && cause.code === 'JOB_NOT_FOUND') return null
    throw cause
  }
}

/** On its way, or complete in every domain and to be read for a while yet. */
function isGood(job: JobSnapshot, nowMs: number, ttlMs: number): boolean {
  if (!isTerminal(job.state)) return !job.cancelRequested
  return job.state === 'completed' && failedDomains(job).length === 0 && job.expiresAtMs - nowMs >= ttlMs / 2
}

async function drop(deps: Deps, jobId: string, stored: StoredQuestion) {
  await deps.log.delete(jobId)
  await dropQuestion(deps.store, jobId, stored)
}
