import { TraceError } from '../../../src/errors.js'
import type { Caller, TraceDeps } from '../../ports/TraceDeps.js'
import { acceptJob, joinSameQuestion, type AcceptedJob } from '../events/acceptJob.js'
import { mustHaveRoom } from '../events/admit.js'
import type { EstimatedJob } from '../events/createStartEvents.js'
import type { DurationEstimate } from '../jobs/createDurationEstimate.js'
import { newRunId } from '../questions/newId.js'
import { questionTtlSeconds } from '../questions/Question.js'
import {
  dropRunQuestion,
  nameRun,
  runDomains,
  runUnits,
  storeRunQuestion,
  type RunQuestion,
} from '../questions/RunQuestion.js'

type Deps = Pick<TraceDeps, 'log' | 'store' | 'codec' | 'queue' | 'questions' | 'clock' | 'settings'>

/**
 * Makes a job of a whole question, or joins the one that answers the same question. One that has completed is joined for
 * a while only: what is asked about, such as today, goes on happening.
 */
export function createStartRun(deps: Deps, durations: DurationEstimate) {
  const { settings } = deps

  /**
   * @throws {TraceError} `NOT_FOUND` where jobs are disabled; `QUEUE_UNAVAILABLE`, `QUEUE_FULL`, `STORE_UNAVAILABLE`,
   *   `MEMORY_GUARD`
   */
  return async function startRun(question: RunQuestion, caller: Caller): Promise<EstimatedJob> {
    if (!settings.asyncEnabled)
      throw new TraceError('NOT_FOUND', 'jobs are disabled here; ask stage by stage')
    const name = await nameRun(caller.owner, question)
    const named = { name, completedWithinMs: settings.cacheTtlSeconds * 1000 }
    const known = caller.fresh ? null : await joinSameQuestion(deps, named)
    const job = known ?? (await make(question, named, caller))
    return { ...job, estimatedSeconds: await durations.ofRun(question, name) }
  }

  async function make(
    question: RunQuestion,
    named: { name: string; completedWithinMs: number },
    caller: Caller,
  ): Promise<AcceptedJob> {
    await mustHaveRoom(deps)
    const jobId = newRunId()
    const job = {
      ...({ jobId, kind: 'run', cidCount: null } as const),
      // How many lots a time holds is not known before.
      isSmall: question.query.by === 'values' && runUnits(question) <= settings.smallQuestionLimit,
      profile: question.profile,
      domains: runDomains(question),
      storeQuestion: () => storeRunQuestion(deps, jobId, question, questionTtlSeconds(settings)),
      dropQuestion: () => dropRunQuestion(deps.store, jobId),
    }
    return acceptJob(deps, job, named, caller)
  }
}
