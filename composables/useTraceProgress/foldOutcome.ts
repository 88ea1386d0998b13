import type { TraceOutcome } from '../../src/client/run/TraceUpdate.js'
import { RUN_DOMAINS, STAGES } from '../../src/protocol/index.js'
import type { RecordList } from '../../src/records/RecordList.js'
import {
  IDLE,
  STAGE_KEYS,
  type DomainRecords,
  type EventsSummary,
  type RunningState,
  type TraceState,
} from './TraceState.js'

export const NO_WAIT = { waiting: null, retryInSeconds: null } as const

/** Rows of events. Those of seeds are no answer yet, and where stages found them there are none. */
export function rowsIn(domains: DomainRecords): number {
  return eventsOf(domains).reduce((rows, [, list]) => rows + list.loaded, 0)
}

function eventsOf(domains: DomainRecords): [string, RecordList][] {
  const own: readonly string[] = RUN_DOMAINS
  return Object.entries(domains).filter((entry): entry is [string, RecordList] => {
    const [name, list] = entry
    return list !== undefined && !own.includes(name)
  })
}

/**
 * The state after the run's end. Pure. It lies apart from `foldUpdate`, which is loaded with the client: a run can be
 * aborted before.
 */
export function foldOutcome(state: RunningState, outcome: TraceOutcome): TraceState {
  const ended = { domain: null, rowsPerSecond: null, etaSeconds: null, ...NO_WAIT }
  const facts = { ...state, jobProgress: { ...state.jobProgress, ...ended } }
  switch (outcome.status) {
    case 'aborted':
      return { ...facts, status: 'aborted', error: null }
    case 'failed': {
      const { stage, error } = outcome
      const stageErrors = { ...IDLE.stageErrors, [STAGE_KEYS[stage]]: error }
      return { ...facts, status: 'failed', stage, error, stageErrors }
    }
    case 'partial': {
      const { failedDomains, error } = outcome
      const ended = withEvents(facts, failedDomains)
      const stageErrors = { ...IDLE.stageErrors, events: error }
      return { ...ended, status: 'partial', stage: null, error, stageErrors, failedDomains }
    }
    case 'complete': {
      const hasEvents = state.stage === 'events'
      return { ...(hasEvents ? withEvents(facts, []) : facts), status: 'complete', stage: null, error: null }
    }
  }
}

function withEvents(state: RunningState, failedDomains: readonly string[]): RunningState {
  const counts: Record<string, number> = Object.create(null)
  for (const [name, list] of eventsOf(state.domains)) counts[name] = list.loaded
  const totalRecords = rowsIn(state.domains)
  const events: EventsSummary = { totalRecords, counts, failedDomains }
  const isWhole = failedDomains.length === 0
  const wholeDomains = Object.keys(counts).length
  return {
    ...state,
    completedStages: STAGES,
    stageResults: { ...state.stageResults, events },
    jobProgress: {
      ...state.jobProgress,
      status: state.jobProgress.jobId === null ? null : 'completed',
      phase: state.jobProgress.jobId === null ? null : 'done',
      seedsDone: state.jobProgress.seedsTotal,
      cidsDone: isWhole ? state.jobProgress.cidsTotal : null,
      rowsLoaded: totalRecords,
      // How many rows a failed domain would have had is not known.
      rowsTotal: isWhole ? totalRecords : null,
      fraction: isWhole ? 1 : wholeDomains / (wholeDomains + failedDomains.length),
    },
  }
}
