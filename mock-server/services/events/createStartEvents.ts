import { TraceError } from '../../../src/errors.js'
import { acceptJob, joinSameQuestion, type AcceptedJob } from './acceptJob.js'
import { admit, type AsyncOption } from './admit.js'
import { createAnswers } from './createAnswers.js'
import type { DurationEstimate } from '../jobs/createDurationEstimate.js'
import type { Slices } from '../createSlices.js'
import { findLineageQuestion } from './findLineageQuestion.js'
import { hashChunks } from '../questions/hashChunks.js'
import { hashKey } from '../questions/hashKey.js'
import type { EventsRequest } from './readEventsRequest.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import {
  questionFromChunks,
  questionFromStore,
  questionKey,
  storeLists,
  type PackedQuestion,
} from '../questions/Question.js'
import { questionTtlSeconds } from '../questions/newJobId.js'
import type { Caller, TraceDeps } from '../TraceDeps.js'

/** A job that answers a request, and how long that is likely to take. */
export interface EstimatedJob extends AcceptedJob {
  /** From jobs seen before; `null` before there were any. */
  estimatedSeconds: number | null
}

export type EventsAnswer = { job: EstimatedJob } | { json: BodyChunks } | { lines: BodyChunks }

export interface EventsOptions {
  async: AsyncOption
  /** Whether an answer given at once should come as lines. */
  lines: boolean
}

/** The third stage: answers at once, or makes a job, or joins one that answers the same. */
export function createStartEvents(deps: TraceDeps & { slices: Slices }, durations: DurationEstimate) {
  const { settings } = deps
  const answers = createAnswers(deps)

  /**
   * @throws {TraceError} `INVALID_PARAMS`, `LINEAGE_NOT_FOUND`, and what `admit` and the answer's making throw
   */
  return async function startEvents(
    request: EventsRequest,
    caller: Caller,
    options: EventsOptions,
  ): Promise<EventsAnswer> {
    const found = request.by === 'lineage' ? await findLineageQuestion(deps, request, caller.owner) : null
    const { profile, params, domains } = request.question
    const cidCount = request.by === 'ids' ? request.question.cidCount : found!.stored.cidCount

    async function nameQuestion() {
      const identity = request.by === 'ids' ? await hashLists(request.question) : found!.identity
      return hashKey([caller.owner, profile, params ?? null, domains, identity])
    }
    const estimate = (job: AcceptedJob) => ({
      job: { ...job, estimatedSeconds: durations.estimate(cidCount, domains.length) },
    })

    // Who asks for what is on its way already needs no room for another job.
    const size = request.by === 'ids' ? request.size : cidCount
    const isLarge = options.async !== null || size > settings.asyncCidThreshold
    const name = settings.asyncEnabled && isLarge ? await nameQuestion() : null
    const known = name === null || caller.fresh ? null : await joinSameQuestion(deps, name)
    if (known) return estimate(known)

    if ((await admit(deps, profile, size, options.async)) === 'job') {
      if (found && found.store !== deps.store) throw notShared()
      const job = await acceptJob(
        deps,
        { question: name ?? (await nameQuestion()), owner: caller.owner, fresh: caller.fresh },
        async (jobId) =>
          request.by === 'ids'
            ? storeLists(deps.store, request.question, {
                prefix: questionKey(jobId),
                ttlSeconds: questionTtlSeconds(settings),
              })
            : found!.stored,
      )
      return estimate(job)
    }

    const question =
      request.by === 'ids'
        ? questionFromChunks(request.question, deps.codec)
        : questionFromStore(found!.stored, { ...deps, store: found!.store })
    const ids = request.by === 'ids' ? await hashChunks([request.question.cids]) : request.lineageId
    return options.lines
      ? { lines: await answers.lines(question, caller, ids) }
      : { json: await answers.json(question, caller, ids) }
  }
}

function hashLists({ cids, seedIds, lineage, seedRoots }: PackedQuestion): Promise<string> {
  return hashChunks([cids, seedIds, lineage, seedRoots])
}

/** The workers cannot see what lies in this process; asked for again, the lineage goes where they can. */
function notShared(): TraceError {
  return new TraceError(
    'LINEAGE_NOT_FOUND',
    'the lineage was made while the store was away; ask for it again',
  )
}
