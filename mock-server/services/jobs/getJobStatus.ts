import { isTerminal, type JobPhase, type JobState, type WireProgress } from '../../../src/protocol/index.js'
import type { JobSnapshot } from '../../ports/index.js'
import type { DurationEstimate } from './createDurationEstimate.js'
import { describeProgress } from '../log/describeProgress.js'
import { findJob } from './findJob.js'
import { placeInQueue } from '../log/placeInQueue.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'

/** A job's status in the wire's words; `status` in ours. */
export interface JobStatusFacts {
  job_id: string
  status: JobState
  profile: string
  /** `null` until a run knows. */
  cid_count: number | null
  domains: string[]
  progress: string
  progress_detail: WireProgress
  created_at: number
  started_at: number | null
  completed_at: number | null
  expires_at: number
  elapsed_seconds: number
  error: string | null
  error_code: string | null
}

/** @throws {TraceError} `JOB_NOT_FOUND`, `JOB_RESULT_EXPIRED` */
export async function getJobStatus(
  parts: Pick<TraceDeps, 'log' | 'queue' | 'clock' | 'settings'>,
  durations: DurationEstimate,
  jobId: string,
  owner: string,
): Promise<JobStatusFacts> {
  const { log, clock } = parts
  const job = await findJob(log, jobId, owner)
  await durations.observe(job)
  const position = await placeInQueue(parts, job)
  const nowMs = clock.now()
  const outlook = job.kind === 'run' ? await durations.outlook(job, nowMs) : null
  return describeJob(job, nowMs, describeProgress(job, nowMs, position, outlook))
}

function describeJob(job: JobSnapshot, nowMs: number, progress: WireProgress): JobStatusFacts {
  const elapsedMs = (job.completedAtMs ?? nowMs) - job.createdAtMs
  return {
    job_id: job.jobId,
    status: job.state,
    profile: job.profile,
    cid_count: job.cidCount,
    domains: job.domains.map(({ name }) => name),
    progress: progressText(job),
    progress_detail: progress,
    created_at: job.createdAtMs / 1000,
    started_at: inSeconds(job.startedAtMs),
    completed_at: inSeconds(job.completedAtMs),
    expires_at: job.expiresAtMs / 1000,
    elapsed_seconds: Math.round(elapsedMs / 100) / 10,
    error: job.error?.message ?? null,
    error_code: job.error?.code ?? null,
  }
}

const PROGRESS_TEXTS: Partial<Record<JobPhase, string>> = {
  seeds: 'resolving seeds',
  lineage: 'tracing lineage',
  aggregating: 'building response',
}

/** The original's words. A job that failed keeps the last. */
function progressText({ state, phase, startedAtMs }: JobSnapshot): string {
  if (state === 'completed') return 'complete'
  if (startedAtMs === null) return ''
  return PROGRESS_TEXTS[phase] ?? 'fetching events'
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000
}

/** Seconds after which to ask again for a job that has not ended; the longer it runs, the less often. */
export function pollAfterSeconds({ status, elapsed_seconds }: JobStatusFacts): number | null {
  if (isTerminal(status)) return null
  return elapsed_seconds < 10 ? 1 : 3
}
