import type { JobState } from '../../src/protocol/index.js'
import type { Row } from './TraceSource.js'

/** A job of the original service, as it left it. */
export interface LegacyJob {
  jobId: string
  profile: string
  cidCount: number
  domains: string[]
  state: JobState
  /** The original's words. */
  progress: string
  createdAtMs: number
  completedAtMs: number | null
  expiresAtMs: number
  error: string | null
}

/** Rows as they are stored, and their JSON in one line. */
export interface LegacyRows {
  rows: Row[]
  text: string
}

export type LegacyResult =
  /** All of it, and its JSON in one line. */
  | { kind: 'whole'; text: string; answer: Record<string, unknown>; results: Record<string, { data: Row[] }> }
  | {
      kind: 'chunked'
      domains: { domain: string; chunks: number; total: number }[]
      failedDomains: string[]
      /** @throws {TraceError} `CHUNK_MISSING`, `JOB_RESULT_EXPIRED` */
      chunk: (domain: string, index: number) => Promise<LegacyRows>
      /** JSON in one line, or `null` when there is none. @throws {TraceError} `CHUNK_MISSING` */
      aggregation: () => Promise<string | null>
    }

/** What the original service stored, and others may still ask for. Read, never written; checked when it is read. */
export interface LegacyResults {
  /** @throws {TraceError} `STORE_UNAVAILABLE` */
  find: (jobId: string) => Promise<LegacyJob | null>
  /** The result of a completed job; `null` when it is gone. @throws {TraceError} `STORE_UNAVAILABLE` */
  result: (jobId: string) => Promise<LegacyResult | null>
}
