import { randomHex } from './hashKey.js'
import type { TraceSettings } from '../TraceDeps.js'

/** An id of a job that nobody can guess. */
export function newJobId(): string {
  return `trace-evt-${randomHex(16)}`
}

/** How long a job's question must be kept: as long as the job itself can last. */
export function questionTtlSeconds(
  settings: Pick<TraceSettings, 'jobTimeoutSeconds' | 'jobTtlSeconds'>,
): number {
  return settings.jobTimeoutSeconds + settings.jobTtlSeconds
}
