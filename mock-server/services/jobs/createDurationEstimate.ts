import * as v from 'valibot'
import { isTraceError } from '../../../src/errors.js'
import { isTerminal } from '../../../src/protocol/index.js'
import type { JobSnapshot } from '../../ports/index.js'
import { Count } from '../../ports/checkStored.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'
import { loadRunQuestion, nameRun, runUnits, type RunQuestion } from '../questions/RunQuestion.js'
import { failedDomains } from '../log/logEntries.js'
import { encodeItems, isA, readItems } from '../store/fragments.js'

/** How far a run is, by what others like it took; `null` while that is not known. */
export interface Outlook {
  fraction: number | null
  etaSeconds: number | null
}

/** How long jobs have taken, to tell how long the next will take. Kept in the store: a restart forgets nothing. */
export interface DurationEstimate {
  /** Takes a look at a job that may have completed. Never rejects. */
  observe: (job: JobSnapshot) => Promise<void>
  /** Seconds a job of CIDs is likely to take; `null` before any was seen to complete. */
  ofEvents: (profile: string, cidCount: number, domainCount: number) => Promise<number | null>
  /** The same of a whole question. */
  ofRun: (question: RunQuestion, name: string) => Promise<number | null>
  /** How far a run is. What one server gives for one job never falls. */
  outlook: (job: JobSnapshot, nowMs: number) => Promise<Outlook>
}

/**
 * Sums over the jobs of one shape, each job worth half of the next one: so a job of 100,000 CIDs says more of the time
 * per CID than one of ten, whose time is mostly start-up.
 */
const History = v.object({
  ms: v.number(),
  /** CIDs times domains. */
  work: v.number(),
  cids: v.number(),
  /** Days or values asked for; 0 of events jobs. */
  units: v.number(),
  lastJobId: v.string(),
})
type History = v.InferOutput<typeof History>

/** What a question found when it was last asked. */
const Totals = v.object({ cids: Count })
type Totals = v.InferOutput<typeof Totals>

/** What a run is measured by, fixed when it is first looked at. */
interface Expectation {
  cids: number | null
  msPerWork: number | null
  domainCount: number
}

/** Weight of a job against the next one. */
const FADING = 0.5
/** Shorter jobs tell more of start-up than of speed. */
const LEAST_MS = 500
const KEPT_SECONDS = 30 * 86_400
/** Most jobs whose expectation and last fraction are kept; the oldest goes first. */
const MAX_KEPT = 1_000
/** Of a job that has not ended. */
const MOST = 0.99
/** A job that takes longer than expected is said to need this share of its time again. */
const OVERTIME = 0.15
/** From this share of the CIDs on, a job's own speed counts alone. */
const OWN_SPEED_FROM = 0.2

const NOTHING: Outlook = { fraction: null, etaSeconds: null }

type Deps = Pick<TraceDeps, 'store' | 'codec' | 'warn'>

export function createDurationEstimate({ store, codec, warn }: Deps): DurationEstimate {
  const reader = { store, codec }
  const expectations = new Map<string, Promise<Expectation | null>>()
  const fractions = new Map<string, number>()
  const observed = new Set<string>()

  /** What is stored under `key`; `null` when it is not there, or cannot be had: an estimate is no reason to fail. */
  async function find<T>(key: string, schema: v.GenericSchema<unknown, T>): Promise<T | null> {
    return orNothing(async () => {
      if (!(await store.get(key))) return null
      for await (const [found] of readItems(reader, key, isA(schema))) return found ?? null
      return null
    })
  }

  async function orNothing<T>(work: () => Promise<T | null>): Promise<T | null> {
    try {
      return await work()
    } catch (cause) {
      if (!isTraceError(cause)) warn?.(`Durations of jobs cannot be kept: ${String(cause)}`)
      return null
    }
  }

  const keep = (key: string, value: unknown) => store.put(key, [encodeItems(codec, [value])], KEPT_SECONDS)
  const findQuestion = (jobId: string) => orNothing(() => loadRunQuestion(reader, jobId))

  async function expect(question: RunQuestion, name: string): Promise<Expectation> {
    const [history, totals] = [await find(shapeOfRun(question), History), await find(totalsKey(name), Totals)]
    const known = history && history.work > 0 ? history : null
    const byUnits = known && known.units > 0 ? (known.cids / known.units) * runUnits(question) : null
    return {
      cids: totals?.cids ?? byUnits,
      msPerWork: known && known.ms / known.work,
      domainCount: question.domains.length,
    }
  }

  function expectationOf({ jobId, owner }: JobSnapshot): Promise<Expectation | null> {
    const known = expectations.get(jobId)
    if (known) return known
    const made = findQuestion(jobId).then(
      async (question) => question && expect(question, await nameRun(owner, question)),
    )
    remember(expectations, jobId, made)
    // The store may have been away for a moment: looked for again the next time.
    void made.then((found) => {
      if (found === null && expectations.get(jobId) === made) expectations.delete(jobId)
    })
    return made
  }

  async function record(job: JobSnapshot, tookMs: number) {
    const { jobId, kind, owner, profile, domains } = job
    // A domain that failed was not fetched to its end: its share of the time is unknown.
    const isPartial = failedDomains(job).length > 0
    const cids = job.cidCount ?? 0
    const question = kind === 'run' ? await loadRunQuestion(reader, jobId) : null
    const key = question ? shapeOfRun(question) : shapeOfEvents(profile)
    if (question) await keep(totalsKey(await nameRun(owner, question)), { cids } satisfies Totals)
    if (isPartial || tookMs < LEAST_MS || job.attempt > 1 || cids === 0) return
    const before = (await find(key, History)) ?? { ms: 0, work: 0, cids: 0, units: 0, lastJobId: '' }
    if (before.lastJobId === jobId) return
    const domainCount = question ? question.domains.length : domains.length
    await keep(key, {
      ms: before.ms * FADING + tookMs,
      work: before.work * FADING + cids * domainCount,
      cids: before.cids * FADING + cids,
      units: before.units * FADING + (question ? runUnits(question) : 0),
      lastJobId: jobId,
    } satisfies History)
  }

  return {
    async observe(job) {
      const { jobId, state, startedAtMs, completedAtMs } = job
      if (isTerminal(state)) fractions.delete(jobId)
      if (state !== 'completed' || startedAtMs === null || completedAtMs === null || observed.has(jobId))
        return
      observed.add(jobId)
      if (observed.size > MAX_KEPT) observed.delete(observed.values().next().value!)
      await orNothing(async () => {
        await record(job, completedAtMs - startedAtMs)
        return null
      })
    },

    async ofEvents(profile, cidCount, domainCount) {
      const history = await find(shapeOfEvents(profile), History)
      if (!history || history.work <= 0) return null
      return Math.ceil(((history.ms / history.work) * cidCount * domainCount) / 1000)
    },

    async ofRun(question, name) {
      const { cids, msPerWork, domainCount } = await expect(question, name)
      if (cids === null || msPerWork === null) return null
      return Math.ceil((cids * domainCount * msPerWork) / 1000)
    },

    async outlook(job, nowMs) {
      if (job.state === 'completed') return { fraction: 1, etaSeconds: null }
      if (isTerminal(job.state)) return NOTHING
      const before = fractions.get(job.jobId) ?? null
      const found = lookAhead(job, nowMs, await expectationOf(job))
      if (found.fraction === null) return { fraction: before, etaSeconds: null }
      const fraction = Math.max(before ?? 0, found.fraction)
      remember(fractions, job.jobId, fraction)
      return { fraction, etaSeconds: found.etaSeconds }
    },
  }
}

/** The time a job has taken, of that and the time it still needs: by what others took, and then by its own speed. */
function lookAhead(job: JobSnapshot, nowMs: number, expected: Expectation | null): Outlook {
  const { startedAtMs, cidCount, cidsDone, attempt } = job
  if (startedAtMs === null) return NOTHING
  const spentMs = Math.max(1, nowMs - startedAtMs)
  const expectedCids = expected?.cids ?? null
  // A question may have grown since: some are still to come for as long as more are looked for.
  const cids = cidCount ?? (expectedCids && Math.max(expectedCids, cidsDone * (1 + OVERTIME)))
  const isOutgrown = cidCount === null && expectedCids !== null && cidsDone >= expectedCids
  const done = cids ? Math.min(1, cidsDone / cids) : 0
  const msPerWork = expected?.msPerWork ?? null
  const byOthersMs = cids === null || msPerWork === null ? null : cids * expected!.domainCount * msPerWork
  // Between two attempts a job may have lain for hours: the time since it was begun says nothing then.
  if (attempt > 1) {
    if (cids === null || (byOthersMs === null && cidCount === null)) return NOTHING
    const leftMs = byOthersMs === null ? null : byOthersMs * (1 - done)
    return {
      fraction: Math.min(MOST, done),
      etaSeconds: leftMs === null || isOutgrown ? null : Math.max(1, Math.ceil(leftMs / 1000)),
    }
  }
  // Without others to measure by, a share is known only of CIDs that have all been found.
  if (byOthersMs === null) {
    if (cidCount === null || done === 0) return NOTHING
    return outlookOf(spentMs, (spentMs / done) * (1 - done))
  }
  if (done === 0) return outlookOf(spentMs, Math.max(byOthersMs - spentMs, spentMs * OVERTIME))
  const own = Math.min(1, done / OWN_SPEED_FROM)
  const totalMs = own * (spentMs / done) + (1 - own) * Math.max(byOthersMs, spentMs)
  const outlook = outlookOf(spentMs, totalMs * (1 - done))
  return isOutgrown ? { ...outlook, etaSeconds: null } : outlook
}

function outlookOf(spentMs: number, leftMs: number): Outlook {
  return {
    fraction: Math.min(MOST, spentMs / (spentMs + leftMs)),
    etaSeconds: Math.max(1, Math.ceil(leftMs / 1000)),
  }
}

function shapeOfEvents(profile: string): string {
  return `durations:events:${profile}`
}

function shapeOfRun({ profile, query }: RunQuestion): string {
  if (query.by === 'values') return `durations:run:${profile}:${query.resolveType}`
  return `durations:run:${profile}:${query.by === 'date_range' ? 'days' : 'params'}`
}

function totalsKey(name: string): string {
  return `totals:${name}`
}

function remember<T>(kept: Map<string, T>, jobId: string, value: T) {
  kept.delete(jobId)
  kept.set(jobId, value)
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!)
}
