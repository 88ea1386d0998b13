import { TraceError } from '../../../src/errors.js'
import type { BatchStore } from '../../ports/index.js'
import { invalid, type Body } from '../questions/parseRequest.js'
import type { EventsRequest } from './readEventsRequest.js'
import type { StoredQuestion } from '../questions/Question.js'
import { findLineage, lineageKey, type LineageHead } from '../stages/storedLineage.js'
import { questionTtlSeconds } from '../questions/newJobId.js'
import type { TraceDeps } from '../TraceDeps.js'
import { isAway } from '../store/whenAway.js'

type Deps = Pick<TraceDeps, 'store' | 'nearStore' | 'codec' | 'settings'>

/** Any other text is the name of none, and never gets into a key. */
const LINEAGE_ID = /^[\w-]{1,128}$/

/** A question about a lineage that lies in `store`. */
export interface LineageQuestion {
  stored: StoredQuestion
  store: BatchStore
  /** The same for lineages of the same seeds in the same direction. */
  identity: string
}

/**
 * The question of a stored lineage: it is not copied, only kept for longer.
 *
 * @throws {TraceError} `LINEAGE_NOT_FOUND`, `INVALID_PARAMS`, `STORE_UNAVAILABLE`
 */
export async function findLineageQuestion(
  deps: Deps,
  { lineageId, question }: Extract<EventsRequest, { by: 'lineage' }>,
  owner: string,
): Promise<LineageQuestion> {
  const { head, store } = await findStored(deps, lineageId, owner)
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
  return { stored, store, identity: head.identity }
}

/** A lineage made while the shared store was away lies in this process. */
async function findStored(
  { codec, store, nearStore, settings }: Deps,
  lineageId: string,
  owner: string,
): Promise<{ head: LineageHead; store: BatchStore }> {
  let away: unknown = null
  if (!LINEAGE_ID.test(lineageId)) throw notFound()
  for (const each of nearStore ? [nearStore, store] : [store]) {
    const found = findLineage({ store: each, codec }, lineageId, owner, questionTtlSeconds(settings))
    const head = await found.catch((cause: unknown) => {
      if (!isAway(cause)) throw cause
      away = cause
    })
    if (head) return { head, store: each }
  }
  throw away ?? notFound()
}

function notFound() {
  return new TraceError('LINEAGE_NOT_FOUND', 'lineage not found or expired; ask for the lineage again')
}
