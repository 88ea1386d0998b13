import type { JobState } from '../../src/protocol/index.js'

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

/** Rows as they are stored: their JSON array, in one line. */
export interface LegacyRows {
  count: number
  text: string
}

/** Results stay text: parsed and written anew, numbers beyond 2^53 would be others, or quoted. */
export type LegacyResult =
  /** JSON of the whole answer, in one line, and how many rows its domains have. */
  | { kind: 'whole'; text: string; rowCounts: ReadonlyMap<string, number> }
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
