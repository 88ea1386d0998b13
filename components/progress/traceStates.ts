import type { RememberedJob } from '../../composables/rememberedJobs.js'
import { IDLE, type TraceState } from '../../composables/useTraceProgress/TraceState.js'
import { TraceError } from '../../src/errors.js'
import { RecordList } from '../../src/records/RecordList.js'
import { rowsToBatch } from '../../src/records/rowsToBatch.js'

/** States as they occur, for tests and stories. */

const JOB = {
  ...IDLE.jobProgress,
  jobId: 'trace-evt-0c5e8a1f4b7d',
  status: 'running',
  phase: 'fetching',
  domain: 'upstream_history',
  cidsDone: 103_000,
  cidsTotal: 114_002,
  elapsedSeconds: 6.4,
  rowsLoaded: 1_034_500,
  rowsTotal: null,
  rowsPerSecond: 161_640,
  fraction: 0.45,
  etaSeconds: 8,
} as const

const SEED = {
  seeds: Array.from({ length: 3 }, (_, i) => ({
    containerId: `C${i}`,
    containerName: `GA2600${i}`,
    lotId: `GA2600${i}`,
  })),
  cacheKey: null,
  unmatched: null,
}

const LINEAGE = {
  ancestors: null,
  childrenMap: null,
  seedRoots: null,
  lineageId: 'lin-1',
  cidCount: 114_002,
  totalNodes: null,
  totalAncestorCount: null,
  eventsJson: null,
  raw: {},
}

const BOTH = ['seed-resolve', 'lineage'] as const
const RESULTS = { seed: SEED, lineage: LINEAGE, events: null }
const COUNTS = { seeds: 3, containers: 114_002 }

/** Of a job that does all stages, before the number of containers is known. */
const NEW_RUN = { domain: null, cidsDone: null, cidsTotal: null } as const

/** Ended: texts about a running job no longer apply. */
const OVER = { domain: null, rowsPerSecond: null, etaSeconds: null } as const

export const traceStates = {
  idle: IDLE,
  resolving: { ...IDLE, status: 'running', stage: 'seed-resolve' },
  tracing: {
    ...IDLE,
    status: 'running',
    stage: 'lineage',
    completedStages: ['seed-resolve'],
    stageResults: { ...RESULTS, lineage: null },
    stageCounts: { seeds: 3, containers: null },
  },
  /** One job does it all, and has just begun: it tells what such jobs took before. */
  seeding: {
    ...IDLE,
    status: 'running',
    stage: 'seed-resolve',
    jobProgress: {
      ...JOB,
      ...NEW_RUN,
      phase: 'seeds',
      seedsDone: 0,
      seedsTotal: null,
      rowsLoaded: 0,
      elapsedSeconds: 1.2,
      fraction: 0.04,
      etaSeconds: 23,
    },
    domains: { seeds: RecordList.empty().append(rowsToBatch(Array.from({ length: 21_000 }, () => ({})))) },
  },
  /** Its lineage is traced while the first rows of events come already. */
  tracingInJob: {
    ...IDLE,
    status: 'running',
    stage: 'lineage',
    completedStages: ['seed-resolve'],
    stageCounts: { seeds: 57_012, containers: null },
    jobProgress: { ...JOB, ...NEW_RUN, phase: 'lineage', seedsDone: 31_000, seedsTotal: 57_012 },
  },
  queued: {
    ...IDLE,
    status: 'running',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    stageCounts: COUNTS,
    jobProgress: {
      ...JOB,
      status: 'queued',
      phase: 'queued',
      domain: null,
      cidsDone: null,
      queuePosition: 2,
      rowsLoaded: 0,
      rowsPerSecond: null,
      fraction: null,
      etaSeconds: null,
    },
  },
  running: {
    ...IDLE,
    status: 'running',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    stageCounts: COUNTS,
    jobProgress: JOB,
  },
  reconnecting: {
    ...IDLE,
    status: 'running',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    stageCounts: COUNTS,
    jobProgress: { ...JOB, waiting: 'retry', retryInSeconds: 4 },
  },
  /** The server has no room at the moment, and has said when to come back. */
  refused: {
    ...IDLE,
    status: 'running',
    stage: 'seed-resolve',
    jobProgress: { ...IDLE.jobProgress, waiting: 'busy', retryInSeconds: 12 },
  },
  silent: {
    ...IDLE,
    status: 'running',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    stageCounts: COUNTS,
    jobProgress: { ...JOB, waiting: 'silent' },
  },
  askedAnew: {
    ...IDLE,
    status: 'running',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    stageCounts: COUNTS,
    jobProgress: { ...JOB, isAskedAnew: true },
  },
  /** Taken up again after a reload: the answers of the first stages are gone, their counts are not. */
  resumed: {
    ...IDLE,
    status: 'running',
    stage: 'events',
    completedStages: BOTH,
    stageCounts: COUNTS,
    jobProgress: { ...JOB, elapsedSeconds: 95 },
  },
  complete: {
    ...IDLE,
    status: 'complete',
    completedStages: [...BOTH, 'events'],
    stageResults: RESULTS,
    stageCounts: COUNTS,
    jobProgress: {
      ...JOB,
      ...OVER,
      status: 'completed',
      phase: 'done',
      cidsDone: 114_002,
      rowsLoaded: 2_283_412,
      rowsTotal: 2_283_412,
      fraction: 1,
    },
  },
  /** All that was found is here, and not all was found. */
  unmatched: {
    ...IDLE,
    status: 'complete',
    completedStages: [...BOTH, 'events'],
    stageCounts: { seeds: 900, containers: 1_804 },
    unmatched: { count: 300, values: Array.from({ length: 300 }, (_, i) => `GA2699${1000 + i}-A0${i % 9}`) },
    valueCount: 1_200,
    jobProgress: {
      ...JOB,
      ...OVER,
      status: 'completed',
      phase: 'done',
      seedsDone: 900,
      seedsTotal: 900,
      cidsDone: 1_804,
      cidsTotal: 1_804,
      rowsLoaded: 38_211,
      rowsTotal: 38_211,
      fraction: 1,
    },
  },
  foundNothing: {
    ...IDLE,
    status: 'complete',
    completedStages: ['seed-resolve'],
    stageResults: { seed: { seeds: [], cacheKey: null, unmatched: null }, lineage: null, events: null },
    stageCounts: { seeds: 0, containers: null },
  },
  partial: {
    ...IDLE,
    status: 'partial',
    completedStages: [...BOTH, 'events'],
    stageResults: RESULTS,
    stageCounts: COUNTS,
    failedDomains: ['materials'],
    error: new TraceError('EVENTS_PARTIAL_FAILURE', 'one or more domains failed', {
      cause: new TraceError('SOURCE_TIMEOUT', 'materials'),
    }),
    jobProgress: { ...JOB, ...OVER, status: 'completed', phase: 'done', cidsDone: null, fraction: 0.5 },
  },
  truncated: {
    ...IDLE,
    status: 'failed',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    stageCounts: COUNTS,
    error: new TraceError('STREAM_TRUNCATED', 'The stream ended before its complete line'),
    jobProgress: { ...JOB, ...OVER },
  },
  failed: {
    ...IDLE,
    status: 'failed',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    stageCounts: COUNTS,
    error: new TraceError('QUEUE_UNAVAILABLE', 'no worker is running', { status: 503, retryAfterMs: 30_000 }),
  },
  aborted: {
    ...IDLE,
    status: 'aborted',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    stageCounts: COUNTS,
    jobProgress: { ...JOB, ...OVER },
  },
} as const satisfies Record<string, TraceState>

const URLS = {
  streamUrl: null,
  followUrl: null,
  resultUrl: null,
  cancelUrl: null,
  cidCount: 114_002,
  estimatedSeconds: null,
  joined: false,
  ageSeconds: null,
}

export const rememberedJobs: readonly RememberedJob[] = [
  {
    name: 'defect-trace',
    profile: 'mid_section_defect',
    params: { start_date: '2026-01-01', end_date: '2026-05-31', station: '測試' },
    domains: ['upstream_history', 'materials'],
    job: { ...URLS, jobId: 'trace-evt-0c5e8a1f4b7d', statusUrl: '/api/trace/job/trace-evt-0c5e8a1f4b7d' },
    seedCount: 57_012,
    rememberedAt: Date.parse('2026-06-01T08:30:00Z'),
  },
  {
    name: 'lot-query',
    profile: 'query_tool',
    params: { resolve_type: 'lot_id', values: ['GA26113824-A06'] },
    domains: ['history'],
    job: { ...URLS, jobId: 'trace-evt-77aa01b2c3d4', statusUrl: '/api/trace/job/trace-evt-77aa01b2c3d4' },
    seedCount: 57_012,
    rememberedAt: Date.parse('2026-06-01T08:12:00Z'),
  },
]
