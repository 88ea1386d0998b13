import { TraceError } from '../../../src/errors.js'
import type { BatchStore } from '../../ports/index.js'
import { hashChunks } from '../questions/hashKey.js'
import { invalid, type Fields } from '../questions/parseRequest.js'
import {
  questionFromChunks,
  questionFromStore,
  questionKey,
  questionTtlSeconds,
  storeLists,
  type PackedQuestion,
  type Question,
  type QuestionHead,
  type StoredQuestion,
} from '../questions/Question.js'
import { hasFigures } from '../questions/profiles.js'
import { findLineage, lineageKey, type LineageHead } from '../stages/storedLineage.js'
import { isAway } from '../store/whenAway.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'
import type { EventsRequest } from './readEventsRequest.js'

type Deps = Pick<TraceDeps, 'store' | 'nearStore' | 'codec' | 'settings' | 'description'>

/** A question whose lists are at hand: they came with the request, or are those of a stored lineage. */
export interface FoundQuestion {
  head: QuestionHead
  /** What admission control counts. */
  size: number
  /** A name of the ids and their lineage, the same for the same. */
  identity: () => Promise<string>
  /** A name of the ids alone, which rows depend on. */
  idsIdentity: () => Promise<string>
  /**
   * Puts the lists where a worker finds them.
   *
   * @throws {TraceError} `LINEAGE_NOT_FOUND` for a lineage that lies in this process alone; what the store throws
   */
  store: (jobId: string) => Promise<StoredQuestion>
  /** Opens it to be answered in this process. */
  open: () => Question
}

/**
 * Finds the lists that an events request asks about.
 *
 * @throws {TraceError} `LINEAGE_NOT_FOUND`, `INVALID_PARAMS`, `STORE_UNAVAILABLE`
 */
export async function findQuestion(
  deps: Deps,
  request: EventsRequest,
  owner: string,
): Promise<FoundQuestion> {
  if (request.by === 'ids') return sentAlong(deps, request.question, request.size)
  return ofLineage(deps, request, owner)
}

function sentAlong({ store, codec, settings }: Deps, question: PackedQuestion, size: number): FoundQuestion {
  const { cids, seedIds, lineage, seedRoots } = question.lists
  return {
    head: question,
    size,
    identity: () => hashChunks([cids, seedIds, lineage, seedRoots]),
    idsIdentity: () => hashChunks([cids]),
    store: (jobId) =>
      storeLists(store, question, { prefix: questionKey(jobId), ttlSeconds: questionTtlSeconds(settings) }),
    open: () => questionFromChunks(question, codec),
  }
}

/** Any other text is the name of none, and never gets into a key. */
const LINEAGE_ID = /^[\w-]{1,128}$/

/** The lists of a stored lineage are not copied, only kept for longer. */
async function ofLineage(
  deps: Deps,
  { lineageId, question }: Extract<EventsRequest, { by: 'lineage' }>,
  owner: string,
): Promise<FoundQuestion> {
  const { lineage, store } = await findStored(deps, lineageId, owner)
  const wanted =
    (question.params as Fields | null | undefined)?.direction === 'forward' ? 'forward' : 'backward'
  if (hasFigures(deps.description, question.profile) && wanted !== lineage.direction) {
    throw invalid(`lineage_id is of a ${lineage.direction} lineage, params.direction says ${wanted}`)
  }
  const key = (list: Parameters<typeof lineageKey>[1]) => lineageKey(lineageId, list)
  const stored: StoredQuestion = {
    ...question,
    cidCount: lineage.cidCount,
    lists: {
      cids: key('cids'),
      seedIds: key('seeds'),
      lineage: key(lineage.direction === 'forward' ? 'children_map' : 'ancestors'),
      seedRoots: lineage.sections.includes('seed_roots') ? key('seed_roots') : null,
    },
  }
  return {
    head: stored,
    size: stored.cidCount,
    identity: async () => lineage.identity,
    idsIdentity: async () => lineageId,
    async store() {
      if (store !== deps.store) throw notShared()
      return stored
    },
    open: () => questionFromStore(stored, { store, codec: deps.codec }),
  }
}

/** A lineage made while the shared store was away lies in this process. */
async function findStored(
  { codec, store, nearStore, settings }: Deps,
  lineageId: string,
  owner: string,
): Promise<{ lineage: LineageHead; store: BatchStore }> {
  let away: unknown = null
  if (!LINEAGE_ID.test(lineageId)) throw notFound()
  for (const each of nearStore ? [nearStore, store] : [store]) {
    const found = findLineage({ store: each, codec }, lineageId, owner, questionTtlSeconds(settings))
    const lineage = await found.catch((cause: unknown) => {
      if (!isAway(cause)) throw cause
      away = cause
    })
    if (lineage) return { lineage, store: each }
  }
  throw away ?? notFound()
}

function notFound() {
  return new TraceError('LINEAGE_NOT_FOUND', 'lineage not found or expired; ask for the lineage again')
}

/** The workers cannot see what lies in this process; asked for again, the lineage goes where they can. */
function notShared(): TraceError {
  return new TraceError(
    'LINEAGE_NOT_FOUND',
    'the lineage was made while the store was away; ask for it again',
  )
}
