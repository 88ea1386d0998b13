import { TraceError } from '../../../src/errors.js'
import type { JobState } from '../../../src/protocol/index.js'
import type { LegacyResult, LegacyResults } from '../../ports/index.js'
import type { RedisClient } from './connectRedis.js'
import { isJobId } from './jobKeys.js'
import { withStore } from './toStoreError.js'

const STATES: Record<string, JobState> = {
  queued: 'queued',
  started: 'running',
  finished: 'completed',
  failed: 'failed',
}

interface ResultMeta {
  domains: Record<string, { chunks: number; total: number }>
  failed_domains?: string[]
}

/** The original's keys: `<prefix>:trace:job:<id>:…`, without hash tags. */
export function createRedisLegacyResults(options: { redis: RedisClient; prefix: string }): LegacyResults {
  const { redis, prefix } = options
  const keyOf = (jobId: string, rest: string) => `${prefix}:trace:job:${jobId}:${rest}`

  function chunked(jobId: string, meta: ResultMeta): LegacyResult {
    return {
      kind: 'chunked',
      domains: Object.entries(meta.domains).map(([domain, { chunks, total }]) => ({ domain, chunks, total })),
      failedDomains: [...(meta.failed_domains ?? [])].sort(),
      async chunk(domain, index) {
        const text = await withStore(() => redis.get(keyOf(jobId, `result:${domain}:${index}`)))
        if (text !== null) return text
        throw new TraceError('CHUNK_MISSING', `Chunk ${index} of ${domain} of job ${jobId} is no longer here`)
      },
      aggregation: () => withStore(() => redis.get(keyOf(jobId, 'result:aggregation'))),
    }
  }

  return {
    async find(jobId) {
      if (!isJobId(jobId)) return null
      const key = keyOf(jobId, 'meta')
      const meta = await withStore(() => redis.hgetall(key))
      if (!meta.profile) return null
      const leftMs = await withStore(() => redis.pttl(key))
      return {
        jobId,
        profile: meta.profile,
        cidCount: Number(meta.cid_count ?? 0),
        domains: (meta.domains ?? '').split(',').filter(Boolean),
        state: STATES[meta.status ?? ''] ?? 'queued',
        progress: meta.progress ?? '',
        createdAtMs: inMs(meta.created_at) ?? 0,
        completedAtMs: inMs(meta.completed_at),
        expiresAtMs: Date.now() + Math.max(0, leftMs),
        error: meta.error || null,
      }
    },

    async result(jobId) {
      if (!isJobId(jobId)) return null
      const meta = await withStore(() => redis.get(keyOf(jobId, 'result:meta')))
      if (meta !== null) return chunked(jobId, JSON.parse(meta) as ResultMeta)
      const text = await withStore(() => redis.get(keyOf(jobId, 'result')))
      return text === null ? null : { kind: 'whole', text }
    },
  }
}

function inMs(seconds: string | undefined): number | null {
  return seconds ? Number(seconds) * 1000 : null
}
