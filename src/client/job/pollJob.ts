import { toTraceError, TraceError } from '../../errors.js'
import {
  isTerminal,
  jobStatus,
  retryAfterMs,
  type JobProgressDetail,
  type JobStatus,
} from '../../protocol/index.js'
import { callApi, type ApiAnswer } from '../http/callApi.js'
import { createRetryBudget, waitAsAsked } from '../http/createRetryBudget.js'
import { pause } from '../http/waitToRetry.js'
import { mismatchedJob } from '../judge/streamFaults.js'
import type { TraceContext } from '../run/TraceContext.js'

export interface PollOptions<TStatus> {
  url: string
  /** Makes a status of an answer's body, or throws a `TraceError`. */
  read: (body: unknown) => TStatus
  /** Whether the status is final; no poll follows. */
  isDone: (status: TStatus) => boolean
  /** The part of a status that is news when it changes. Default: none. */
  newsOf?: (status: TStatus) => string
}

export type PollEvent<TStatus> =
  /** `oldMs`: for how long the server has said nothing new. */
  { type: 'status'; status: TStatus; oldMs: number } | { type: 'retry'; error: TraceError; delayMs: number }

/**
 * Asks for a job's status until it is done. The wait between two polls grows from `pollMinMs` to `pollMaxMs`, or is
 * what the server says in `Retry-After`; longer in a hidden tab; none when the page is seen again or the network is
 * back. A failed poll is not a failed job: it is repeated within the budget.
 *
 * @throws {TraceError} the server's word (404, 401 …), or `RETRIES_EXHAUSTED`
 */
export async function* pollJob<TStatus>(
  { url, read, isDone, newsOf }: PollOptions<TStatus>,
  context: TraceContext,
): AsyncGenerator<PollEvent<TStatus>, TStatus> {
  const budget = createRetryBudget(context)
  const { environment } = context
  let news: string | undefined
  let newsAt = environment.monotonic()
  for (let polls = 0; ; polls++) {
    let answer: ApiAnswer
    let status: TStatus
    try {
      answer = await callApi({ method: 'GET', url, timeoutMs: context.policy.statusTimeoutMs }, context)
      status = read(answer.body)
    } catch (cause) {
      context.signal.throwIfAborted()
      const error = toTraceError(cause)
      const delayMs = budget.spend(error)
      yield { type: 'retry', error, delayMs }
      await pause(delayMs, context, error.retryAfterMs !== undefined)
      continue
    }
    const before = news
    news = newsOf?.(status)
    if (news === before) budget.noteAnswer()
    else {
      budget.refill()
      newsAt = environment.monotonic()
    }
    yield { type: 'status', status, oldMs: environment.monotonic() - newsAt }
    if (isDone(status)) return status
    await pause(pollDelayMs(polls, answer, context), context)
  }
}

function pollDelayMs(polls: number, { headers }: ApiAnswer, context: TraceContext): number {
  const { policy, environment } = context
  const growing = Math.min(policy.pollMaxMs, policy.pollMinMs * 1.5 ** polls)
  const ownMs = environment.isHidden() ? growing * policy.hiddenPollFactor : growing
  const askedMs = retryAfterMs(headers.get('retry-after'), environment.now(), headers.get('date'))
  // If the server names a time, it is asked then, however often it was asked before; "at once" is not a time.
  const paceMs = askedMs && !environment.isHidden() ? policy.pollMinMs : ownMs
  return waitAsAsked(askedMs, paceMs, context) * (0.9 + 0.2 * environment.random())
}

/** A trace's job, to be polled. */
export interface PolledJob {
  url: string
  /** The job that answers must be about; default: any. */
  jobId?: string
}

/**
 * Polls a trace's job until it has ended.
 *
 * @throws {TraceError} as `pollJob`; `JOB_MISMATCH` when the answers are about another job, `UNEXPECTED_RESPONSE` when
 *   the job stays in an unknown state
 */
export function pollTraceJob(
  { url, jobId }: PolledJob,
  context: TraceContext,
): AsyncGenerator<PollEvent<JobStatus>, JobStatus> {
  const { environment, policy } = context
  let unknownSince: number | null = null

  function read(body: unknown): JobStatus {
    const status = jobStatus(body)
    if (jobId !== undefined && status.jobId !== jobId) throw mismatchedJob(jobId, status.jobId)
    return status
  }

  function isDone({ status, serverStatus }: JobStatus): boolean {
    if (status !== 'unknown') {
      unknownSince = null
      return isTerminal(status)
    }
    unknownSince ??= environment.monotonic()
    if (environment.monotonic() - unknownSince < policy.unknownStateMs) return false
    throw new TraceError(
      'UNEXPECTED_RESPONSE',
      `The server says that the job is "${serverStatus.slice(0, 200)}", and that is no state known here`,
    )
  }

  return pollJob({ url, read, isDone, newsOf: newsOfStatus }, context)
}

/** The part of a status that is news: not its age, nor what follows from it. */
export function newsOfStatus({ serverStatus, progress, detail }: JobStatus): string {
  return JSON.stringify([serverStatus, progress, detail && newsOfProgress(detail)])
}

export function newsOfProgress(detail: JobProgressDetail): string {
  const { phase, domain, seedsDone, cidsDone, rows, bytes, fraction, queuePosition, attempt } = detail
  return JSON.stringify([phase, domain, seedsDone, cidsDone, rows, bytes, fraction, queuePosition, attempt])
}
