import type { JobAccepted } from '../../src/protocol/index.js'

/** A job to come back to: what was asked and where it is, never its rows. */
export interface RememberedJob {
  /** As given to `rememberAs`. */
  readonly name: string
  readonly profile: string
  readonly params: Readonly<Record<string, unknown>>
  readonly domains: readonly string[]
  readonly job: JobAccepted
  /** How many seeds the question had; their names would be too many to keep. `null` when nobody knows. */
  readonly seedCount: number | null
  /** Milliseconds since 1970. */
  readonly rememberedAt: number
}

const PREFIX = 'vue-trace-progress:job:'

export function storageKey(name: string): string {
  return PREFIX + name
}

/** What storage holds, if it is what we put there; anyone can write there, so nothing is taken on trust. */
export function parseRemembered(text: string | null): RememberedJob | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return isRemembered(value) ? value : null
  } catch {
    return null
  }
}

/** What is remembered under `name` at this moment. */
export function recall(name: string | undefined): RememberedJob | null {
  try {
    return name === undefined ? null : parseRemembered(globalThis.localStorage.getItem(storageKey(name)))
  } catch {
    return null
  }
}

/** Everything that is remembered, newest first. */
export function recallAll(): RememberedJob[] {
  try {
    const keys = Object.keys(globalThis.localStorage).filter((key) => key.startsWith(PREFIX))
    const jobs = keys.map((key) => parseRemembered(localStorage.getItem(key))).filter((job) => job !== null)
    return jobs.sort((a, b) => b.rememberedAt - a.rememberedAt)
  } catch {
    return []
  }
}

/**
 * Remembers a job under `name`, or with `null` none, and tells this page and others of it. Full or forbidden
 * storage costs the memory of the job, not the job.
 */
export function remember(name: string, job: RememberedJob | null) {
  try {
    const key = storageKey(name)
    const oldValue = localStorage.getItem(key)
    const newValue = job && JSON.stringify(job)
    if (newValue === null) localStorage.removeItem(key)
    else localStorage.setItem(key, newValue)
    // The browser tells only other pages.
    window.dispatchEvent(new StorageEvent('storage', { key, oldValue, newValue, storageArea: localStorage }))
  } catch {
    // Nothing is kept.
  }
}

/** Forgets a job, unless another has been remembered under its name meanwhile. */
export function forgetJob({ name, job }: RememberedJob) {
  if (recall(name)?.job.jobId === job.jobId) remember(name, null)
}

function isRemembered(value: unknown): value is RememberedJob {
  if (!isObject(value) || !isObject(value.job) || !isObject(value.params)) return false
  const { jobId, statusUrl, streamUrl, followUrl, resultUrl, cancelUrl } = value.job
  return (
    [value.name, value.profile, jobId, statusUrl].every(isText) &&
    [streamUrl, followUrl, resultUrl, cancelUrl].every((url) => url === null || isText(url)) &&
    Array.isArray(value.domains) &&
    value.domains.every(isText) &&
    (value.seedCount === null || Number.isFinite(value.seedCount)) &&
    Number.isFinite(value.rememberedAt)
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
