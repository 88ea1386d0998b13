import { TraceError } from '../../src/errors.js'
import type { BatchStore } from '../ports/index.js'
import { admit, type AsyncWish } from './admit.js'
import { createAnswers } from './createAnswers.js'
import type { Pace } from './createPace.js'
import { invalid, type Body } from './parseRequest.js'
import { parseEventsRequest, type EventsRequest } from './parseEventsRequest.js'
import type { Pieces } from './pieces.js'
import {
  questionFromMemory,
  questionFromStore,
  questionKey,
  storeLists,
  type StoredQuestion,
} from './Question.js'
import { findLineage, lineageKey, type LineageHead } from './storedLineage.js'
import { newJobId, questionTtlSeconds, submitJob } from './submitJob.js'
import type { Asker, TraceDeps } from './TraceDeps.js'
import { isAway } from './whenAway.js'

/** A job that was made of a request. */
export interface AcceptedJob {
  jobId: string
  cidCount: number
  /** From jobs seen before; `null` before there were any. */
  estimatedSeconds: number | null
}

export type EventsAnswer = { job: AcceptedJob } | { json: Pieces } | { lines: Pieces }

export interface EventsWish {
  async: AsyncWish
  /** Whether an answer given at once should come as lines. */
  lines: boolean
}

/** The third stage: answers at once, or makes a job. */
export function createStartEvents(deps: TraceDeps, pace: Pace) {
  const { settings } = deps
  const answers = createAnswers(deps)

  /** The question of a stored lineage: it is not copied, only kept for longer. */
  async function storedQuestion(
    { lineageId, question }: Extract<EventsRequest, { by: 'lineage' }>,
    owner: string,
  ): Promise<{ stored: StoredQuestion; store: BatchStore }> {
    const { head, store } = await findStored(lineageId, owner)
    const wanted =
      (question.params as Body | null | undefined)?.direction === 'forward' ? 'forward' : 'backward'
    if (question.profile === 'mid_section_defect' && wanted !== head.direction) {
      throw invalid(`lineage_id is of a ${head.direction} lineage, params.direction says ${wanted}`)
    }
    const key = (list: Parameters<typeof lineageKey>[1]) => lineageKey(lineageId, list)
    const stored = {
      ...question,
      cidCount: head.cidCount,
      lists: {
        cids: key('cids'),
        seedIds: key('seeds'),
        lineage: key(head.direction === 'forward' ? 'children_map' : 'ancestors'),
        seedRoots: head.sections.includes('seed_roots') ? key('seed_roots') : null,
      },
    }
    return { stored, store }
  }

  /** A lineage made while the shared store was away lies in this process. */
  async function findStored(
    lineageId: string,
    owner: string,
  ): Promise<{ head: LineageHead; store: BatchStore }> {
    const { codec, store, nearStore } = deps
    const findIn = (each: BatchStore) =>
      findLineage({ store: each, codec }, lineageId, owner, questionTtlSeconds(settings))
    let away: unknown = null
    for (const each of nearStore ? [nearStore, store] : [store]) {
      const head = await findIn(each).catch((cause: unknown) => {
        if (!isAway(cause)) throw cause
        away = cause
      })
      if (head) return { head, store: each }
    }
    throw (
      away ?? new TraceError('LINEAGE_NOT_FOUND', 'lineage not found or expired; ask for the lineage again')
    )
  }

  /**
   * @throws {TraceError} `INVALID_PROFILE`, `INVALID_PARAMS`, `LINEAGE_NOT_FOUND`, and what `admit` and the
   *   answer's making throw
   */
  return async function startEvents(body: Body, asker: Asker, wish: EventsWish): Promise<EventsAnswer> {
    const request = parseEventsRequest(body)
    const found = request.by === 'lineage' ? await storedQuestion(request, asker.owner) : null
    const { profile } = request.question
    const cidCount = request.by === 'ids' ? request.question.cids.length : found!.stored.cidCount

    if ((await admit(deps, profile, cidCount, wish.async)) === 'job') {
      if (found && found.store !== deps.store) throw notShared()
      const jobId = newJobId()
      const question =
        request.by === 'ids'
          ? await storeLists(deps, request.question, {
              prefix: questionKey(jobId),
              batchSize: settings.idBatchSize,
              ttlSeconds: questionTtlSeconds(settings),
            })
          : found!.stored
      await submitJob(deps, jobId, asker.owner, question)
      const estimatedSeconds = pace.estimate(cidCount, question.domains.length)
      return { job: { jobId, cidCount, estimatedSeconds } }
    }

    const question =
      request.by === 'ids'
        ? questionFromMemory(request.question, settings.idBatchSize)
        : questionFromStore(found!.stored, { ...deps, store: found!.store })
    const ids = request.by === 'ids' ? request.question.cids : request.lineageId
    return wish.lines
      ? { lines: await answers.lines(question, asker, ids) }
      : { json: await answers.json(question, asker, ids) }
  }
}

/** The workers cannot see what lies in this process; asked for again, the lineage goes where they can. */
function notShared(): TraceError {
  return new TraceError(
    'LINEAGE_NOT_FOUND',
    'the lineage was made while the store was away; ask for it again',
  )
}
