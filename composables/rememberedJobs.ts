import { tryOnMounted, useEventListener } from '@vueuse/core'
import { computed, shallowRef, type WritableComputedRef } from 'vue'
import { isCount, isText, isTextList } from '../src/protocol/checks.js'
import type { JobAccepted } from '../src/protocol/index.js'

/** A job to come back to: what was asked and where it is, never its rows. */
export interface RememberedJob {
  /** As given to `rememberAs`. */
  readonly name: string
  readonly profile: string
  readonly params: Readonly<Record<string, unknown>>
  readonly domains: readonly string[]
  readonly job: JobAccepted
  /** How many seeds the question had; their names would be too many to keep. `null` when unknown. */
  readonly seedCount: number | null
  /** Milliseconds since 1970. */
  readonly rememberedAt: number
}

const PREFIX = 'vue-trace-progress:job:'

export function storageKey(name: string): string {
  return PREFIX + name
}

/**
 * What is remembered under `name` at this moment, if it is a remembered job: everything on the origin can write there,
 * so each field is checked. Where the job's addresses lead is checked when they are used.
 */
export function recall(name: string | undefined): RememberedJob | null {
  if (name === undefined) return null
  try {
    const value: unknown = JSON.parse(globalThis.localStorage.getItem(storageKey(name)) ?? 'null')
    // Under another name it could be neither found nor forgotten.
    return isRemembered(value) && value.name === name ? value : null
  } catch {
    return null
  }
}

/** Everything that is remembered, newest first. */
export function recallAll(): RememberedJob[] {
  try {
    const keys = Object.keys(globalThis.localStorage).filter((key) => key.startsWith(PREFIX))
    const jobs = keys.map((key) => recall(key.slice(PREFIX.length))).filter((job) => job !== null)
    return jobs.sort((a, b) => b.rememberedAt - a.rememberedAt)
  } catch {
    return []
  }
}

/**
 * Remembers a job under `name`, or with `null` none, and tells this page and others of it. If storage
 * is full or forbidden, the job goes on and is not remembered.
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
  const { joined, isRun, domains, cidCount, estimatedSeconds, ageSeconds } = value.job
  return (
    [value.name, value.profile, jobId, statusUrl].every((text) => isText(text) && text !== '') &&
    [streamUrl, followUrl, resultUrl, cancelUrl].every((url) => url === null || isText(url)) &&
    typeof joined === 'boolean' &&
    ['undefined', 'boolean'].includes(typeof isRun) &&
    isTextList(value.domains) &&
    (domains === undefined || isTextList(domains)) &&
    [value.seedCount, cidCount].every((count) => count === null || isCount(count)) &&
    [estimatedSeconds, ageSeconds].every((seconds) => seconds === null || Number.isFinite(seconds)) &&
    Number.isFinite(value.rememberedAt)
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The job remembered under `name`, kept in step with other composables and tabs; without a name none is. */
export function useRememberedJob(name: string | undefined): WritableComputedRef<RememberedJob | null> {
  const known = shallowRef<RememberedJob | null>(null)

  function look() {
    known.value = recall(name)
  }

  if (name !== undefined) {
    // A server rendered the page without storage; the first client rendering must be the same.
    tryOnMounted(look)
    // Without a key, everything was cleared.
    useEventListener('storage', ({ key }) => (key === null || key === storageKey(name)) && look())
  }

  return computed({
    get: () => known.value,
    set(job) {
      if (name === undefined) return
      known.value = job
      // At once: the page may be left in the next moment.
      remember(name, job)
    },
  })
}
