import * as v from 'valibot'
import { TraceError } from '../../../src/errors.js'
import { isCount } from '../../../src/protocol/checks.js'
import type { JobState } from '../../../src/protocol/index.js'
import { recordOf } from '../../../src/protocol/recordOf.js'
import type { LegacyResult, LegacyResults, Row } from '../../ports/index.js'
import { checkStored, parsePart } from '../../ports/checkStored.js'
import { Rows } from '../../ports/storedSchemas.js'
import type { RedisClient } from './connectRedis.js'
import { isJobId } from './jobKeys.js'
import { withStore } from './toStoreError.js'

const STATES = {
  queued: 'queued',
  started: 'running',
  finished: 'completed',
  failed: 'failed',
} as const satisfies Record<string, JobState>

/** Seconds since the epoch, as text; empty for none. */
const Seconds = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^(\d{1,12}(\.\d+)?)?$/),
    v.transform((text) => (text === '' ? null : Number(text) * 1000)),
  ),
  '',
)

const Meta = v.object({
  profile: v.string(),
  cid_count: v.optional(v.pipe(v.string(), v.regex(/^\d{0,15}$/), v.transform(Number)), '0'),
  domains: v.optional(v.string(), ''),
  status: v.pipe(
    v.picklist(Object.keys(STATES) as (keyof typeof STATES)[]),
    v.transform((status): JobState => STATES[status]),
  ),
  progress: v.optional(v.string(), ''),
  created_at: Seconds,
  completed_at: Seconds,
  error: v.optional(v.string(), ''),
})

const ResultMeta = v.object({
  domains: recordOf(isStoredDomain, 'domains'),
  failed_domains: v.optional(v.array(v.string()), []),
})

const WholeResult = v.looseObject({ results: v.optional(recordOf(isWholeDomain, 'domains'), {}) })

function isStoredDomain(value: unknown): value is { chunks: number; total: number } {
  const { chunks, total } = (value ?? {}) as Record<string, unknown>
  return isCount(chunks) && isCount(total)
}

function isWholeDomain(value: unknown): value is { data: Row[] } {
  return v.is(Rows, ((value ?? {}) as Record<string, unknown>).data)
}

/** The original's keys: `<prefix>:trace:job:<id>:…`, without hash tags. */
export function createRedisLegacyResults(options: { redis: RedisClient; prefix: string }): LegacyResults {
  const { redis, prefix } = options
  const keyOf = (jobId: string, rest: string) => `${prefix}:trace:job:${jobId}:${rest}`
  const read = (jobId: string, rest: string) => withStore(() => redis.get(keyOf(jobId, rest)))

  function chunked(jobId: string, meta: v.InferOutput<typeof ResultMeta>): LegacyResult {
    return {
      kind: 'chunked',
      domains: Object.entries(meta.domains).map(([domain, { chunks, total }]) => ({ domain, chunks, total })),
      failedDomains: meta.failed_domains.sort(),
      async chunk(domain, index) {
        const text = await read(jobId, `result:${domain}:${index}`)
        const name = `Chunk ${index} of ${domain} of job ${jobId}`
        if (text === null) throw await whyGone(jobId, `${name} is no longer here`)
        return { count: parsePart(Rows, text, name).length, text: inOneLine(text) }
      },
      async aggregation() {
        const text = await read(jobId, 'result:aggregation')
        if (text === null) return null
        parsePart(v.unknown(), text, `The aggregation of job ${jobId}`)
        return inOneLine(text)
      },
    }
  }

  async function whyGone(jobId: string, message: string): Promise<TraceError> {
    // Written last and with the same time to live: without it the whole result is gone.
    const isStored = (await withStore(() => redis.exists(keyOf(jobId, 'result:meta')))) === 1
    return isStored
      ? new TraceError('CHUNK_MISSING', message)
      : new TraceError('JOB_RESULT_EXPIRED', 'The result has expired while it was read')
  }

  return {
    async find(jobId) {
      if (!isJobId(jobId)) return null
      const key = keyOf(jobId, 'meta')
      const fields = await withStore(() => redis.hgetall(key))
      if (!fields.profile) return null
      const leftMs = await withStore(() => redis.pttl(key))
      const meta = checkStored(Meta, fields, `Job ${jobId} of the original service`)
      return {
        jobId,
        profile: meta.profile,
        cidCount: meta.cid_count,
        domains: meta.domains.split(',').filter(Boolean),
        state: meta.status,
        progress: meta.progress,
        createdAtMs: meta.created_at ?? 0,
        completedAtMs: meta.completed_at,
        expiresAtMs: Date.now() + Math.max(0, leftMs),
        error: meta.error || null,
      }
    },

    async result(jobId) {
      if (!isJobId(jobId)) return null
      const name = `The result of job ${jobId}`
      const meta = await read(jobId, 'result:meta')
      if (meta !== null) return chunked(jobId, parsePart(ResultMeta, meta, name))
      const text = await read(jobId, 'result')
      if (text === null) return null
      const { results } = parsePart(WholeResult, text, name)
      const rowCounts = new Map(Object.entries(results).map(([domain, { data }]) => [domain, data.length]))
      return { kind: 'whole', text: inOneLine(text), rowCounts }
    },
  }
}

/** A stream has a line per object; in the texts of JSON line ends are escaped. */
function inOneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ')
}
