import type { TraceErrorCode } from '../errors.js'
import type { JobPhase, JobState } from './vocabulary.js'

/** The wire in the client's own words: envelope keys camelCased, values and row fields untouched. */

export interface Seed {
  containerId: string
  containerName: string | null
  lotId: string | null
}

/** What was asked for by value and not found: so many, the first of them by name. */
export interface Unmatched {
  count: number
  values: string[]
}

export interface SeedAnswer {
  seeds: Seed[]
  cacheKey: string | null
  /** `null` where the server does not say, or was not asked by values. */
  unmatched: Unmatched | null
}

export interface LineageAnswer {
  /** The maps are there where the question wants the `full` lineage, and `null` in a minimal one. */
  ancestors: Record<string, string[]> | null
  childrenMap: Record<string, string[]> | null
  seedRoots: Record<string, string> | null
  /** Names this lineage on the server, so that the events request need not carry it. */
  lineageId: string | null
  /** CIDs an events request by `lineageId` will ask for. */
  cidCount: number | null
  totalNodes: number | null
  totalAncestorCount: number | null
  /**
   * Where the server has no id of this lineage, what an events request carries in its place: CIDs, seeds and maps, as
   * members of a JSON object.
   */
  eventsJson: Uint8Array | null
  /** The answer as it came, for trees and details. Of a minimal lineage, the counts. */
  raw: Record<string, unknown>
}

/** How far a job is; `null` where the server does not say. */
export interface JobProgressDetail {
  phase: JobPhase | null
  domain: string | null
  cidsDone: number | null
  cidsTotal: number | null
  seedsDone: number | null
  seedsTotal: number | null
  rows: number | null
  bytes: number | null
  /** 0 to 1. */
  fraction: number | null
  rowsPerSecond: number | null
  etaSeconds: number | null
  /** 0 is next in line. */
  queuePosition: number | null
  attempt: number | null
}

export interface JobStatus {
  jobId: string
  status: JobState | 'unknown'
  /** The state as the server calls it. */
  serverStatus: string
  profile: string | null
  cidCount: number | null
  domains: string[]
  /** The server's own words. */
  progress: string
  detail: JobProgressDetail | null
  /** Unix seconds, as all times here. */
  createdAt: number | null
  startedAt: number | null
  completedAt: number | null
  expiresAt: number | null
  elapsedSeconds: number | null
  error: string | null
  errorCode: TraceErrorCode | null
}

/** A 202: where the job is. URLs as the server wrote them; resolve them before use. */
export interface JobAccepted {
  jobId: string
  statusUrl: string
  streamUrl: string | null
  /** Present when the log can be followed while the job runs, and resumed. */
  followUrl: string | null
  resultUrl: string | null
  cancelUrl: string | null
  /** Domains that its log will have, each whole or declared failed; left out by servers that do not say. */
  domains?: string[]
  cidCount: number | null
  estimatedSeconds: number | null
  /** Whether an identical request's job was joined. */
  joined: boolean
  ageSeconds: number | null
  /** Whether the job is one of a whole question, and finds the seeds and their lineage itself. */
  isRun?: boolean
}

/** One domain of a JSON events answer, rows not yet looked at. */
export interface DomainAnswer {
  rows: unknown[]
  count: number | null
  total: number | null
}

export interface EventsAnswer {
  results: Map<string, DomainAnswer>
  aggregation: unknown
  failedDomains: string[]
}

interface Sequenced {
  /** Position in the job's log; `null` from servers without cursors. */
  seq: number | null
}

/** A stream line in the client's words. `TRows` is what the decoder makes of a batch. */
export type StreamEvent<TRows> =
  | (Sequenced & {
      type: 'meta'
      epoch: string | null
      jobId: string | null
      profile: string | null
      domains: string[]
      /** Whether several domains may be open at once. */
      isInterleaved: boolean
    })
  | (Sequenced & { type: 'domain_start'; domain: string; total: number | null })
  | (Sequenced & { type: 'records'; domain: string; batch: number; count: number; rows: TRows })
  | (Sequenced & { type: 'domain_end'; domain: string; count: number })
  | (Sequenced & { type: 'domain_failed'; domain: string; code: string; fromSeq: number | null })
  | (Sequenced & Unmatched & { type: 'unmatched' })
  /** Stands for the lines from `fromSeq` to its own number, which a failed domain has taken back. */
  | (Sequenced & { type: 'skipped'; fromSeq: number | null })
  /** A sequenced line of a type that this client does not know. */
  | (Sequenced & { type: 'unknown' })
  | { type: 'progress'; progress: JobProgressDetail }
  | { type: 'reset'; epoch: string }
  | { type: 'aggregation'; data: unknown }
  | { type: 'warning'; code: string; failedDomains: string[] }
  | {
      type: 'error'
      message: string
      code: string | null
      retryable: boolean
      retryAfterMs: number | null
    }
  | { type: 'complete'; totalRecords: number; domains: Map<string, number> | null }
