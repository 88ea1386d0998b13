import type { Slices } from '../../../src/async/slices.js'
import type { DurationEstimate } from '../jobs/createDurationEstimate.js'
import { hashKey } from '../questions/hashKey.js'
import { newJobId } from '../questions/newId.js'
import { dropQuestion, questionTtlSeconds, storeQuestion } from '../questions/Question.js'
import { hasFigures } from '../questions/profiles.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'
import { acceptJob, joinSameQuestion, type AcceptedJob } from './acceptJob.js'
import { admit, type AsyncOption } from './admit.js'
import { createAnswers } from './createAnswers.js'
import { findQuestion, type FoundQuestion } from './findQuestion.js'
import type { EventsRequest } from './readEventsRequest.js'

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

/**
 * The third stage. The same question that is being answered by a job already joins that job. Otherwise `admit`
 * decides: a new job, an answer at once, or a refusal.
 */
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
    const found = await findQuestion(deps, request, caller.owner)
    const { profile, cidCount, domains } = found.head
    const estimate = async (job: AcceptedJob) => ({
      job: { ...job, estimatedSeconds: await durations.ofEvents(profile, cidCount, domains.length) },
    })

    // An identical question joins its job, so admission control does not apply.
    const isLarge = options.async !== null || found.size > settings.asyncCidThreshold
    const name = settings.asyncEnabled && isLarge ? await nameQuestion(found, caller) : null
    const known = name === null || caller.fresh ? null : await joinSameQuestion(deps, { name })
    if (known) return estimate(known)

    if ((await admit(deps, hasFigures(deps.description, profile), found.size, options.async)) === 'job') {
      const jobId = newJobId()
      const stored = await found.store(jobId)
      const question = { name: name ?? (await nameQuestion(found, caller)) }
      const job = {
        ...({ jobId, kind: 'events', profile, domains, cidCount } as const),
        isSmall: cidCount <= settings.smallQuestionLimit,
        storeQuestion: () => storeQuestion(deps, jobId, stored, questionTtlSeconds(settings)),
        dropQuestion: () => dropQuestion(deps.store, jobId, stored),
      }
      return estimate(await acceptJob(deps, job, question, caller))
    }

    const ids = await found.idsIdentity()
    return options.lines
      ? { lines: await answers.lines(found.open(), caller, ids) }
      : { json: await answers.json(found.open(), caller, ids) }
  }
}

/** The same for the same caller, asking the same. */
async function nameQuestion({ head, identity }: FoundQuestion, { owner }: Caller): Promise<string> {
  const { profile, params, domains } = head
  return hashKey([owner, profile, params ?? null, domains, await identity()])
}
