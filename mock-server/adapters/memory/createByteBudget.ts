import { TraceError } from '../../../src/errors.js'

/** A bound on stored bytes that several stores share. */
export interface ByteBudget {
  /** Claims `bytes`, or answers `false` when they do not fit, even after dropping what may be dropped. */
  take: (bytes: number) => boolean
  give: (bytes: number) => void
  usedBytes: () => number
  readonly limitBytes: number
  /** Registers a function that drops one thing that was not promised to be kept; it answers whether it had one. */
  onShortage: (drop: () => boolean) => void
}

/** @param limitBytes the most that all stores together may hold */
export function createByteBudget(limitBytes: number): ByteBudget {
  const droppers: (() => boolean)[] = []
  let used = 0

  return {
    take(bytes) {
      while (used + bytes > limitBytes) {
        if (bytes > limitBytes || !droppers.some((drop) => drop())) return false
      }
      used += bytes
      return true
    },
    give(bytes) {
      used -= bytes
    },
    usedBytes: () => used,
    limitBytes,
    onShortage(drop) {
      droppers.push(drop)
    },
  }
}

/** What a store says to a request it has no room for. */
export function storeFull({ limitBytes }: ByteBudget): TraceError {
  const limit = Math.floor(limitBytes / 2 ** 20)
  return new TraceError('MEMORY_GUARD', `The server's memory for results (${limit} MB) is full; try later`, {
    retryAfterMs: 30_000,
  })
}
