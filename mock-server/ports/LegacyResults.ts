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

export type LegacyResult =
  /** JSON of all of it. */
  | { kind: 'whole'; text: string }
  | {
      kind: 'chunked'
      domains: { domain: string; chunks: number; total: number }[]
      failedDomains: string[]
      /** JSON of an array of rows. @throws {TraceError} `CHUNK_MISSING` */
      chunk: (domain: string, index: number) => Promise<string>
      /** JSON, or `null` when there is none. */
      aggregation: () => Promise<string | null>
    }

/** What the original service stored, and others may still ask for. Read, never written. */
export interface LegacyResults {
  /** @throws {TraceError} `STORE_UNAVAILABLE` */
  find: (jobId: string) => Promise<LegacyJob | null>
  /** The result of a completed job; `null` when it is gone. @throws {TraceError} `STORE_UNAVAILABLE` */
  result: (jobId: string) => Promise<LegacyResult | null>
}
