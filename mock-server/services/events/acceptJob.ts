import { isTraceError } from '../../../src/errors.js'
import { isTerminal } from '../../../src/protocol/index.js'
import type { JobDescriptor, JobKind, JobSnapshot } from '../../ports/index.js'
import { failedDomains } from '../log/logEntries.js'
import { newTicket } from '../questions/newId.js'
import { questionTtlSeconds } from '../questions/Question.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'

/** A job that answers a request: made for it, or made for the same question before. */
export interface AcceptedJob {
  jobId: string
  kind: JobKind
  /** Those of its log. */
  domains: string[]
  /** `null` until a run knows. */
  cidCount: number | null
  /** The caller's claim on the job: a cancel gives it up. */
  ticket: string
  /** How long ago the question was first asked; `null` when the job was made now. */
  joinedAgeMs: number | null
}

type Deps = Pick<TraceDeps, 'log' | 'queue' | 'questions' | 'clock' | 'settings'>

/** A question as jobs are joined by it. */
export interface NamedQuestion {
  /** The same for the same callers and questions. */
  name: string
  /** How long after its completion a job is still an answer, in ms; left out: as long as its result is kept. */
  completedWithinMs?: number
}

/** The job that others have asked for by the same question, if it is any good. */
export async function joinSameQuestion(deps: Deps, question: NamedQuestion): Promise<AcceptedJob | null> {
  const jobId = await deps.questions.find(question.name)
  return jobId === null ? null : join(deps, jobId, question)
}

/** A job that is still to be made. */
export interface NewJob extends Omit<JobDescriptor, 'owner' | 'createdAtMs'> {
  /** Puts what is asked where a worker finds it. */
  storeQuestion: () => Promise<void>
  dropQuestion: () => Promise<void>
}

/**
 * Makes a job of a question and hands it to the queue. When the same question was asked elsewhere meanwhile,
 * that job is joined instead.
 *
 * @throws {TraceError} `MEMORY_GUARD`, `QUEUE_UNAVAILABLE`, `STORE_UNAVAILABLE`
 */
export async function acceptJob(
  deps: Deps,
  { storeQuestion, dropQuestion, ...job }: NewJob,
  question: NamedQuestion,
  { owner, fresh }: Pick<Caller, 'owner' | 'fresh'>,
): Promise<AcceptedJob> {
  const { log, queue, clock } = deps
  const { jobId, kind, domains, cidCount } = job
  const ticket = newTicket()
  const drop = async () => {
    await log.delete(jobId)
    await dropQuestion()
  }
  try {
    await storeQuestion()
    await log.create({ ...job, owner, createdAtMs: clock.now() })
    await log.join(jobId, ticket)
    const other = await claim(deps, question, jobId, fresh)
    if (!other) {
      await queue.submit(jobId, job)
      return { jobId, kind, domains, cidCount, ticket, joinedAgeMs: null }
    }
    await drop()
    return other
  } catch (cause) {
    // What cannot be dropped now expires; the caller is told why there is no job.
    await drop().catch(() => undefined)
    throw cause
  }
}

/** Makes `jobId` the answer to `question`, or joins the job that is; a job that is no good is replaced. */
async function claim(
  deps: Deps,
  question: NamedQuestion,
  jobId: string,
  fresh: boolean,
): Promise<AcceptedJob | null> {
  const { questions, settings } = deps
  for (let instead = fresh ? await questions.find(question.name) : null; ;) {
    const holder = await questions.claim(question.name, jobId, instead, questionTtlSeconds(settings))
    if (holder === jobId) return null
    const joined = fresh ? null : await join(deps, holder, question)
    if (joined) return joined
    instead = holder
  }
}

async function join(
  { log, clock, settings }: Deps,
  jobId: string,
  { completedWithinMs = Infinity }: NamedQuestion,
): Promise<AcceptedJob | null> {
  const ticket = newTicket()
  try {
    const job = await log.snapshot(jobId)
    if (job === null || job === 'expired') return null
    const nowMs = clock.now()
    if (!isGood(job, nowMs, settings.jobTtlSeconds * 1000)) return null
    if (job.completedAtMs !== null && nowMs - job.completedAtMs >= completedWithinMs) return null
    if (!(await log.join(jobId, ticket))) return null
    const { kind, cidCount, createdAtMs } = job
    const domains = job.domains.map(({ name }) => name)
    return { jobId, kind, domains, cidCount, ticket, joinedAgeMs: nowMs - createdAtMs }
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
