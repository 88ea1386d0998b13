import * as v from 'valibot'
import { isTraceError, TraceError } from '../../../src/errors.js'
import type { JobSnapshot, LogEntry, ResultLog, StoredChunk } from '../../ports/index.js'
import { cacheList } from '../store/cacheList.js'
import { Count } from '../../ports/checkStored.js'
import { decodeItems, encodeItems, isA } from '../store/fragments.js'
import { allEntries } from '../log/logEntries.js'
import { StoredEntry } from '../../ports/storedSchemas.js'
import { newJobId } from '../questions/newId.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'
import { whenAway } from '../store/whenAway.js'

/** What of an answer's log is not its rows; the stored lines follow, a chunk each. */
const AnswerHead = v.object({
  job: v.object({
    owner: v.string(),
    profile: v.string(),
    domains: v.array(v.string()),
    cidCount: v.nullable(Count),
    createdAtMs: v.number(),
  }),
  completedAtMs: v.number(),
  entries: v.array(StoredEntry),
})
type AnswerHead = v.InferOutput<typeof AnswerHead>

/** An answer that lies in this process's log of answers. */
export interface NearAnswer {
  jobId: string
  completedAtMs: number
}

type Deps = Pick<TraceDeps, 'answers' | 'store' | 'codec' | 'settings' | 'warn'>

const keyOf = (question: string) => `answer:${question}`

/** Puts a whole answer where the other servers find it. */
export async function shareAnswer(deps: Deps, question: string, snapshot: JobSnapshot) {
  const { jobId, owner, profile, cidCount, createdAtMs } = snapshot
  const entries = await allEntries(deps.answers, jobId, 0)
  const domains = snapshot.domains.map(({ name }) => name)
  const job = { owner, profile, domains, cidCount, createdAtMs }
  const head: AnswerHead = { job, completedAtMs: snapshot.completedAtMs!, entries }

  async function* chunks() {
    yield encodeItems(deps.codec, [head])
    for (const entry of entries) {
      if ('textBytes' in entry) yield await deps.answers.chunk(jobId, entry.seq)
    }
  }
  await cacheList(deps, keyOf(question), chunks())
}

/** Copies an answer that another server has shared into this process's log; `null` when there is none, or no room. */
export async function fetchSharedAnswer(deps: Deps, question: string): Promise<NearAnswer | null> {
  const list = await whenAway(
    () => deps.store.get(keyOf(question)),
    () => null,
  )
  if (!list) return null
  const jobId = newJobId()
  try {
    const completedAtMs = await copy(deps, list, jobId)
    return { jobId, completedAtMs }
  } catch (cause) {
    await deps.answers.delete(jobId)
    if (!isTraceError(cause)) throw cause
    return null
  }
}

async function copy(
  { answers, codec }: Pick<Deps, 'answers' | 'codec'>,
  list: AsyncIterable<StoredChunk>,
  jobId: string,
): Promise<number> {
  const chunks = list[Symbol.asyncIterator]()
  async function next(): Promise<StoredChunk> {
    const { done, value } = await chunks.next()
    if (done) throw new TraceError('CHUNK_MISSING', 'A part of a shared answer is no longer stored')
    return value
  }
  const [head] = decodeItems(codec, await next(), isA(AnswerHead))
  if (!head) throw new TraceError('CHUNK_MISSING', 'A shared answer has no beginning')
  const { job, completedAtMs, entries } = head
  await answers.create({ ...job, kind: 'events', jobId })
  const { lease } = await answers.open(jobId)
  for (const entry of entries) await commit(answers, { jobId, lease }, entry, next)
  await answers.finish(jobId, lease, { state: 'completed', aggregation: null })
  return completedAtMs
}

async function commit(
  answers: ResultLog,
  { jobId, lease }: { jobId: string; lease: number },
  entry: LogEntry,
  next: () => Promise<StoredChunk>,
) {
  const whole = 'textBytes' in entry ? { ...entry, chunk: await next() } : entry
  await answers.commit(jobId, lease, {
    entries: [whole],
    lists: [],
    checkpoints: new Map(),
    progress: { phase: 'fetching', currentDomain: entry.domain, cidsDone: 0 },
  })
}
