import { isTraceError, TraceError } from '../../../src/errors.js'
import type { LegacyJob, LegacyResults } from '../../ports/index.js'
import { mustBeComplete } from '../jobs/findJob.js'
import type { JobStatusFacts } from '../jobs/getJobStatus.js'
import { legacyPage } from './legacyPages.js'
import { legacyStream } from './legacyStream.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import type { JobResult, ResultPage } from '../jobs/readJobResult.js'

/**
 * Asks for a job of ours and, when there is none of that name, for a job of the original service. Those have no
 * owner: where callers are told apart no caller gets them.
 */
export async function orLegacy<T>(
  legacy: LegacyResults | undefined,
  { jobId, owner }: { jobId: string; owner: string },
  ask: () => Promise<T>,
  askLegacy: (job: LegacyJob, legacy: LegacyResults) => Promise<T>,
): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    const isUnknown = isTraceError(cause) && cause.code === 'JOB_NOT_FOUND'
    if (!isUnknown || !legacy || owner !== '') throw cause
    const job = await legacy.find(jobId)
    if (!job) throw cause
    return askLegacy(job, legacy)
  }
}

export function legacyStatus(job: LegacyJob, nowMs: number): JobStatusFacts {
  const isOver = job.state === 'completed'
  const elapsedMs = (job.completedAtMs ?? nowMs) - job.createdAtMs
  return {
    job_id: job.jobId,
    status: job.state,
    profile: job.profile,
    cid_count: job.cidCount,
    domains: job.domains,
    progress: job.progress,
    progress_detail: {
      phase: isOver ? 'done' : job.state === 'queued' ? 'queued' : 'fetching',
      domain: null,
      cids_done: isOver ? job.cidCount : 0,
      cids_total: job.cidCount,
      rows: 0,
      bytes: 0,
      fraction: isOver ? 1 : null,
      rows_per_second: 0,
      eta_seconds: null,
      queue_position: null,
      attempt: 1,
    },
    created_at: job.createdAtMs / 1000,
    started_at: null,
    completed_at: job.completedAtMs === null ? null : job.completedAtMs / 1000,
    expires_at: job.expiresAtMs / 1000,
    elapsed_seconds: Math.round(elapsedMs / 100) / 10,
    error: job.error,
    error_code: job.state === 'failed' ? 'JOB_FAILED' : null,
  }
}

/** @throws {TraceError} `JOB_READ_ONLY`, always */
export async function refuseLegacy({ state }: LegacyJob): Promise<never> {
  throw new TraceError(
    'JOB_READ_ONLY',
    'the job was made by the original service: it can be read here, not cancelled or retried; ask anew',
    { details: { status: state } },
  )
}

/** @throws {TraceError} `JOB_NOT_COMPLETE` */
export async function openLegacyStream(
  job: LegacyJob,
  legacy: LegacyResults,
  warn: (message: string) => void = () => {},
): Promise<BodyChunks> {
  mustBeComplete(job)
  return legacyStream(job, await legacy.result(job.jobId), warn)
}

/** @throws {TraceError} `JOB_NOT_COMPLETE`, `JOB_RESULT_EXPIRED`, `CHUNK_MISSING` */
export async function readLegacyResult(
  job: LegacyJob,
  legacy: LegacyResults,
  page: ResultPage,
): Promise<JobResult> {
  mustBeComplete(job)
  const result = await legacy.result(job.jobId)
  if (!result) throw new TraceError('JOB_RESULT_EXPIRED', 'job result has expired')
  return legacyPage(result, page)
}
