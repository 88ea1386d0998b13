import type { RememberedJob } from '../composables/rememberedJobs/RememberedJob.js'
import { IDLE, type TraceState } from '../composables/useTraceProgress/TraceState.js'
import { TraceError } from '../src/errors.js'

/** States as they occur, for tests and stories. */

const JOB = {
  ...IDLE.jobProgress,
  jobId: 'trace-evt-0c5e8a1f4b7d',
  status: 'running',
  phase: 'fetching',
  elapsedSeconds: 6.4,
  rowsLoaded: 1_034_500,
  rowsTotal: null,
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
}

const LINEAGE = {
  ancestors: null,
  childrenMap: null,
  seedRoots: null,
  lineageId: 'lin-1',
  cidCount: 114_002,
  totalNodes: null,
  totalAncestorCount: null,
  raw: {},
}

const BOTH = ['seed-resolve', 'lineage'] as const
const RESULTS = { seed: SEED, lineage: LINEAGE, events: null }

export const traceStates = {
  idle: IDLE,
  resolving: { ...IDLE, status: 'running', stage: 'seed-resolve' },
  tracing: {
    ...IDLE,
    status: 'running',
    stage: 'lineage',
    completedStages: ['seed-resolve'],
    stageResults: { ...RESULTS, lineage: null },
  },
  queued: {
    ...IDLE,
    status: 'running',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    jobProgress: {
      ...JOB,
      status: 'queued',
      phase: 'queued',
      queuePosition: 2,
      rowsLoaded: 0,
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
    jobProgress: JOB,
  },
  reconnecting: {
    ...IDLE,
    status: 'running',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    jobProgress: { ...JOB, waiting: 'retry' },
  },
  complete: {
    ...IDLE,
    status: 'complete',
    completedStages: [...BOTH, 'events'],
    stageResults: RESULTS,
    jobProgress: {
      ...JOB,
      status: 'completed',
      phase: 'done',
      rowsLoaded: 2_283_412,
      rowsTotal: 2_283_412,
      fraction: 1,
      etaSeconds: null,
    },
  },
  foundNothing: {
    ...IDLE,
    status: 'complete',
    completedStages: ['seed-resolve'],
    stageResults: { seed: { seeds: [], cacheKey: null }, lineage: null, events: null },
  },
  partial: {
    ...IDLE,
    status: 'partial',
    completedStages: [...BOTH, 'events'],
    stageResults: RESULTS,
    failedDomains: ['materials'],
    error: new TraceError('EVENTS_PARTIAL_FAILURE', 'one or more domains failed'),
    jobProgress: { ...JOB, status: 'completed', phase: 'done', fraction: 1, etaSeconds: null },
  },
  truncated: {
    ...IDLE,
    status: 'failed',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    error: new TraceError('STREAM_TRUNCATED', 'The stream ended before its complete line'),
    jobProgress: JOB,
  },
  failed: {
    ...IDLE,
    status: 'failed',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    error: new TraceError('QUEUE_UNAVAILABLE', 'no worker is running', { status: 503, retryAfterMs: 30_000 }),
  },
  aborted: {
    ...IDLE,
    status: 'aborted',
    stage: 'events',
    completedStages: BOTH,
    stageResults: RESULTS,
    jobProgress: JOB,
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
    rememberedAt: Date.parse('2026-06-01T08:30:00Z'),
  },
  {
    name: 'lot-query',
    profile: 'query_tool',
    params: { resolve_type: 'lot_id', values: ['GA26113824-A06'] },
    domains: ['history'],
    job: { ...URLS, jobId: 'trace-evt-77aa01b2c3d4', statusUrl: '/api/trace/job/trace-evt-77aa01b2c3d4' },
    rememberedAt: Date.parse('2026-06-01T08:12:00Z'),
  },
]
