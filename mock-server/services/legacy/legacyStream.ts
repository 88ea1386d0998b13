import { TraceError } from '../../../src/errors.js'
import type { LegacyJob, LegacyResult } from '../../ports/index.js'
import { faultLine, line, warningLine } from '../log/logLines.js'
import type { BodyChunks } from '../store/bodyChunks.js'

/**
 * The lines of a completed job of the original service: without `seq`, so that readers know it cannot be
 * resumed. What is missing is an `error` line, never a gap.
 */
export async function* legacyStream(
  job: LegacyJob,
  result: LegacyResult | null,
  warn: (message: string) => void,
): BodyChunks {
  try {
    if (!result) throw new TraceError('JOB_RESULT_EXPIRED', 'result not found')
    if (result.kind === 'whole') yield `{"type":"full_result","data":${result.text}}\n`
    else yield* chunkedLines(job, result)
  } catch (cause) {
    warn(`The result of job ${job.jobId} cannot be read on: ${String(cause)}`)
    yield faultLine(cause)
  }
}

async function* chunkedLines(
  { jobId, profile }: LegacyJob,
  { domains, failedDomains, chunk, aggregation }: Extract<LegacyResult, { kind: 'chunked' }>,
): BodyChunks {
  yield line({ type: 'meta', job_id: jobId, profile, domains: domains.map(({ domain }) => domain) })
  for (const { domain, chunks, total } of domains) {
    yield line({ type: 'domain_start', domain, total })
    let sent = 0
    for (let batch = 0; batch < chunks; batch++) {
      const { count, text } = await chunk(domain, batch)
      yield `${line({ type: 'records', domain, batch, count }).slice(0, -2)},"data":${text}}\n`
      sent += count
    }
    mustBeWhole(domain, sent, total)
    yield line({ type: 'domain_end', domain, count: sent })
  }
  const aggregated = await aggregation()
  if (aggregated !== null) yield `{"type":"aggregation","data":${aggregated}}\n`
  if (failedDomains.length > 0) yield warningLine(failedDomains)
  yield line({ type: 'complete', total_records: domains.reduce((sum, { total }) => sum + total, 0) })
}

/** @throws {TraceError} `CHUNK_MISSING` */
export function mustBeWhole(domain: string, rows: number, due: number) {
  if (rows === due) return
  throw new TraceError('CHUNK_MISSING', `${domain} has ${rows} rows where ${due} were stored`)
}
