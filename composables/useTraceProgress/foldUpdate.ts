import type { TraceUpdate } from '../../src/client/run/TraceUpdate.js'
import {
  RUN_DOMAINS,
  STAGES,
  type JobPhase,
  type JobProgressDetail,
  type JobState,
  type Stage,
} from '../../src/protocol/index.js'
import type { WaitReason } from '../../src/messages/MessageCatalogue.js'
import { RecordList } from '../../src/records/RecordList.js'
import { NO_WAIT, rowsIn } from './foldOutcome.js'
import { IDLE, type JobProgressFacts, type RunningState } from './TraceState.js'

const [SEEDS] = RUN_DOMAINS

/** What a job that says no more does: one for events alone runs in their stage. */
const PHASE_OF_STAGE = {
  'seed-resolve': 'seeds',
  lineage: 'lineage',
  events: 'fetching',
} as const satisfies Record<Stage, JobPhase>

/** What a fold needs beside the update. */
export interface FoldOptions {
  /** Both by `environment.monotonic()`. */
  nowMs: number
  /** When the job began. */
  jobStartedMs: number | null
  /** Domains the total is over. */
  asked: readonly string[]
}

/** The state after one update. Pure. */
export function foldUpdate(state: RunningState, update: TraceUpdate, options: FoldOptions): RunningState {
  const next = folded(state, update)
  return { ...next, jobProgress: withCounts(next, update, options) }
}

function folded(state: RunningState, update: TraceUpdate): RunningState {
  switch (update.type) {
    case 'stage-started': {
      const { stage } = update
      return { ...state, stage, completedStages: STAGES.slice(0, STAGES.indexOf(stage)) }
    }
    case 'seeds':
      return {
        ...state,
        completedStages: ['seed-resolve'],
        stageResults: { ...state.stageResults, seed: update.seeds },
        stageCounts: { seeds: update.seeds.seeds.length, containers: null },
        unmatched: update.seeds.unmatched,
      }
    case 'lineage':
      return {
        ...state,
        completedStages: ['seed-resolve', 'lineage'],
        stageResults: { ...state.stageResults, lineage: update.lineage },
        ...withContainers(state, update.lineage.cidCount),
      }
    case 'job-accepted': {
      const { jobId, cidCount } = update.job
      const next = withJob(state, { jobId, status: 'queued', phase: 'queued' })
      return { ...next, ...withContainers(next, cidCount) }
    }
    case 'job-status': {
      const { status, detail, elapsedSeconds, cidCount } = update.status
      const known = status === 'unknown' ? state.jobProgress.status : status
      const next = withJob(state, {
        status: known,
        phase: phaseOf(known, state.stage),
        elapsedSeconds,
        ...ofDetail(detail),
      })
      return withTotals({ ...next, ...withContainers(next, cidCount) }, detail)
    }
    case 'job-lost': {
      const { seedsTotal, cidsTotal } = state.jobProgress
      return { ...state, jobProgress: { ...IDLE.jobProgress, seedsTotal, cidsTotal, isAskedAnew: true } }
    }
    case 'progress': {
      const { phase } = update.progress
      const next = withJob(state, { status: statusOf(phase), phase, ...ofDetail(update.progress) })
      return withTotals(next, update.progress)
    }
    case 'waiting':
      return state
    case 'rows-dropped': {
      // What a job says of it comes with its rows.
      const unmatched = state.stageResults.seed?.unmatched ?? null
      return { ...state, domains: IDLE.domains, aggregation: null, unmatched }
    }
    case 'domain-started':
      return begun(withDomain(state, update.domain, RecordList.empty(update.total)))
    case 'rows':
      return begun(withDomain(state, update.domain, listOf(state, update.domain).append(update.batch)))
    case 'domain-ended':
      return withSeeds(
        withDomain(state, update.domain, listOf(state, update.domain).withTotal(update.count)),
        update.domain === SEEDS ? update.count : null,
      )
    case 'domain-failed':
      return withDomain(state, update.domain, undefined)
    case 'unmatched':
      return { ...state, unmatched: update.unmatched }
    case 'aggregation':
      return { ...state, aggregation: update.data }
  }
}

function listOf({ domains }: RunningState, name: string): RecordList {
  return domains[name] ?? RecordList.empty()
}

/** Without a prototype: a domain may be called `__proto__`. */
function withDomain(state: RunningState, name: string, list: RecordList | undefined): RunningState {
  const domains: Record<string, RecordList> = Object.assign(Object.create(null), state.domains)
  if (list) domains[name] = list
  else delete domains[name]
  return { ...state, domains }
}

/** A followed job whose rows arrive has left the queue, whether or not it has said so. */
function begun(state: RunningState): RunningState {
  return state.jobProgress.status === 'queued'
    ? withJob(state, { status: 'running', phase: PHASE_OF_STAGE[state.stage] })
    : state
}

/** The number of containers, from the lineage or the job; the older number stays where there is none. */
function withContainers({ stageCounts, jobProgress }: RunningState, cidCount: number | null) {
  if (cidCount === null) return { stageCounts, jobProgress }
  return {
    stageCounts: { ...stageCounts, containers: cidCount },
    jobProgress: { ...jobProgress, cidsTotal: cidCount },
  }
}

function withSeeds(state: RunningState, count: number | null): RunningState {
  if (count === null) return state
  return { ...state, stageCounts: { ...state.stageCounts, seeds: count } }
}

/** What a job that finds seeds and containers itself says of their number. */
function withTotals(state: RunningState, detail: JobProgressDetail | null): RunningState {
  if (!detail) return state
  const next = withSeeds(state, detail.seedsTotal)
  return { ...next, ...withContainers(next, detail.cidsTotal) }
}

function withJob(state: RunningState, facts: Partial<JobProgressFacts>): RunningState {
  return { ...state, jobProgress: { ...state.jobProgress, ...facts } }
}

function ofDetail(detail: JobProgressDetail | null): Partial<JobProgressFacts> {
  if (!detail) return {}
  const { phase, seedsTotal, cidsTotal, ...facts } = detail
  const { domain, seedsDone, cidsDone, rowsPerSecond, fraction, etaSeconds, queuePosition } = facts
  return {
    ...(phase ? { phase } : {}),
    ...(seedsTotal === null ? {} : { seedsTotal }),
    ...(cidsTotal === null ? {} : { cidsTotal }),
    ...{ domain, seedsDone, cidsDone, rowsPerSecond, fraction, etaSeconds, queuePosition },
  }
}

function phaseOf(status: JobState | null, stage: Stage): JobPhase | null {
  if (status === 'queued') return 'queued'
  if (status === 'running') return PHASE_OF_STAGE[stage]
  return status === null ? null : 'done'
}

function statusOf(phase: JobPhase | null): JobState {
  if (phase === 'queued') return 'queued'
  return phase === 'done' ? 'completed' : 'running'
}

function withCounts(
  { jobProgress, domains }: RunningState,
  update: TraceUpdate,
  { nowMs, jobStartedMs, asked }: FoldOptions,
): JobProgressFacts {
  const rowsLoaded = rowsIn(domains)
  const totals = asked.map((name) => domains[name]?.total ?? null)
  const rowsTotal =
    totals.length === 0 || totals.includes(null)
      ? null
      : totals.reduce<number>((sum, total) => sum + total!, 0)
  // Only while it runs: a job that was done before this page saw it grows no older.
  const runsNow = update.type === 'progress' && jobProgress.status !== 'completed'
  return {
    ...jobProgress,
    rowsLoaded,
    rowsTotal,
    fraction: fractionOf(jobProgress, rowsLoaded, rowsTotal),
    elapsedSeconds:
      runsNow && jobStartedMs !== null ? (nowMs - jobStartedMs) / 1000 : jobProgress.elapsedSeconds,
    ...(update.type === 'waiting' ? waitFor(update.reason, update.retryInMs) : NO_WAIT),
  }
}

function waitFor(waiting: WaitReason, retryInMs: number | null) {
  return { waiting, retryInSeconds: retryInMs === null ? null : Math.ceil(retryInMs / 1000) }
}

/** What the server says while its job runs; after that, rows that are here of all rows. */
function fractionOf({ status, fraction }: JobProgressFacts, loaded: number, total: number | null) {
  if (status === 'queued' || status === 'running') return fraction
  return total === null ? null : total === 0 ? 1 : loaded / total
}
