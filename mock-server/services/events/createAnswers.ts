import { TraceError, toTraceError } from '../../../src/errors.js'
import type { JobSnapshot } from '../../ports/index.js'
import { createChunkWindow } from '../log/createChunkWindow.js'
import type { Slices } from '../../../src/async/slices.js'
import { followLog } from '../log/followLog.js'
import { failedDomains } from '../log/logEntries.js'
import { hashKey } from '../questions/hashKey.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import type { Question } from '../questions/Question.js'
import { resultBody } from '../jobs/readJobResult.js'
import { runJob } from '../worker/runJob.js'
import { fetchSharedAnswer, shareAnswer, type NearAnswer } from './sharedAnswers.js'
import { newJobId } from '../questions/newId.js'
import { hasFigures } from '../questions/profiles.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'

type Deps = Pick<
  TraceDeps,
  | 'answers'
  | 'store'
  | 'nearStore'
  | 'source'
  | 'description'
  | 'codec'
  | 'clock'
  | 'settings'
  | 'warn'
  | 'stopping'
  | 'rowsSent'
> & { slices: Slices }

/** Most answers kept for later callers; the oldest goes first. */
const MAX_CACHED = 1_000

/**
 * Rows of one line at most. The main thread writes it in one turn: lines of 5,000 rows held it for 117 ms, in a
 * server that had compiled nothing yet.
 */
const MAX_LINE_ROWS = 1_000

/** An answer is fetched where it is asked for, and never handed out. */
const NO_QUEUE = { place: async () => null, submit: async () => {} }

const ALL_ROWS = { domain: null, offset: 0, limit: 0 }

/**
 * Answers given at once. Each is fetched into a log of its own and written from there. A small one without failed
 * domains is kept for the same question of later callers: here and, where the store is shared, for other servers.
 */
export function createAnswers(deps: Deps) {
  const { answers, clock, codec, rowsSent } = deps
  const settings = {
    ...deps.settings,
    streamBatchSize: Math.min(deps.settings.streamBatchSize, MAX_LINE_ROWS),
  }
  const parts = { log: answers, codec, rowsSent }
  const followed = { ...deps, log: answers, window: createChunkWindow(answers), queue: NO_QUEUE }
  /** Which answer belongs to which question. */
  const cached = new Map<string, NearAnswer>()
  /** A store of this process alone would keep the same rows twice. */
  const isStoreShared = deps.nearStore !== undefined

  async function keyOf(question: Question, { owner }: Caller, ids: string): Promise<string | null> {
    const { profile, cidCount, domains } = question
    if (hasFigures(deps.description, profile) || cidCount > settings.cacheCidLimit) return null
    return settings.cacheTtlSeconds > 0 ? hashKey([owner, profile, domains, ids]) : null
  }

  async function findCached(key: string | null, { fresh }: Caller): Promise<JobSnapshot | null> {
    if (key === null || fresh) return null
    const near = await readNear(key)
    if (near || !isStoreShared) return near
    const copied = await fetchSharedAnswer(deps, key)
    if (!copied) return null
    remember(key, copied)
    return readNear(key)
  }

  async function readNear(key: string): Promise<JobSnapshot | null> {
    const known = cached.get(key)
    if (!known || clock.now() - known.completedAtMs >= settings.cacheTtlSeconds * 1000) return null
    const job = await answers.snapshot(known.jobId)
    return isComplete(job) ? job : null
  }

  function remember(key: string, answer: NearAnswer) {
    cached.delete(key)
    cached.set(key, answer)
    if (cached.size > MAX_CACHED) cached.delete(cached.keys().next().value!)
  }

  async function keepOrDrop(jobId: string, key: string | null) {
    const job = await answers.snapshot(jobId)
    if (key === null || !isComplete(job)) return answers.delete(jobId)
    remember(key, { jobId, completedAtMs: job.completedAtMs! })
    if (isStoreShared) await shareAnswer(deps, key, job)
  }

  /** Begins to fetch an answer; `stop()` when its caller has gone. */
  async function begin(question: Question, { owner, signal }: Caller) {
    const jobId = newJobId()
    const { profile, domains, cidCount } = question
    await answers.create({
      jobId,
      owner,
      kind: 'events',
      profile,
      domains,
      cidCount,
      createdAtMs: clock.now(),
    })
    const controller = new AbortController()
    const stop = () => controller.abort(new TraceError('JOB_CANCELLED', 'The caller has gone'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    const attempt = { jobId, signal: controller.signal }
    const run = runJob(attempt, {
      ...deps,
      settings,
      log: answers,
      question,
    }).finally(() => signal.removeEventListener('abort', stop))
    return { jobId, run, stop }
  }

  return {
    /**
     * The JSON answer, once all of it is there.
     *
     * @param ids a hash of the question's ids, or the name of the lineage they come from: what it is cached by
     * @throws {TraceError} what broke, as `INVALID_PARAMS`, `EVENTS_AGGREGATION_FAILED`, `MEMORY_GUARD`
     */
    async json(question: Question, caller: Caller, ids: string): Promise<BodyChunks> {
      const key = await keyOf(question, caller, ids)
      const hit = await findCached(key, caller)
      if (hit) return resultBody(parts, hit, ALL_ROWS, { withTotal: false })

      const { jobId, run } = await begin(question, caller)
      const broken = await run
      const job = await answers.snapshot(jobId)
      if (broken || job === null || job === 'expired') {
        await answers.delete(jobId)
        throw asAnswer(broken)
      }
      return thenDo(resultBody(parts, job, ALL_ROWS, { withTotal: false }), () => keepOrDrop(jobId, key))
    },

    /** The answer as lines, while it grows. */
    async lines(question: Question, caller: Caller, ids: string): Promise<BodyChunks> {
      const key = await keyOf(question, caller, ids)
      const from = { after: 0, epoch: null }
      const hit = await findCached(key, caller)
      if (hit) return followLog(followed, hit, null, from, caller.signal)

      const { jobId, run, stop } = await begin(question, caller)
      const job = (await answers.snapshot(jobId)) as JobSnapshot
      return thenDo(followLog(followed, job, null, from, caller.signal), async () => {
        stop()
        await run
        await keepOrDrop(jobId, key)
      })
    },
  }
}

async function* thenDo(body: BodyChunks, after: () => Promise<void>): BodyChunks {
  try {
    yield* body
  } finally {
    await after()
  }
}

function isComplete(job: JobSnapshot | 'expired' | null): job is JobSnapshot {
  return job !== null && job !== 'expired' && job.state === 'completed' && failedDomains(job).length === 0
}

/** What ended a job, as it is told to a caller that waits. */
function asAnswer(broken: TraceError | null): TraceError {
  const error = toTraceError(broken ?? new Error('the answer vanished'))
  if (error.code === 'RESULT_TOO_LARGE') {
    return new TraceError('MEMORY_GUARD', 'The server has no room for this answer; ask for less, or later', {
      retryAfterMs: 30_000,
      cause: error,
    })
  }
  return error.code === 'JOB_FAILED'
    ? new TraceError('INTERNAL_ERROR', error.message, { cause: error })
    : error
}
