import type { Clock } from '../../ports/index.js'

const DAY_MS = 86_400_000
/** A tombstone is some 100 bytes; of more jobs than this in a day the oldest are forgotten early. */
const MAX_TOMBSTONES = 10_000

/** Remembers for a day which jobs there have been. */
export function createTombstones(clock: Clock) {
  /** Job ids with the time to forget them, oldest first. */
  const graves = new Map<string, number>()

  return {
    add(jobId: string) {
      graves.set(jobId, clock.now() + DAY_MS)
      if (graves.size > MAX_TOMBSTONES) graves.delete(graves.keys().next().value!)
    },
    has: (jobId: string) => (graves.get(jobId) ?? 0) > clock.now(),
    sweep() {
      for (const [jobId, until] of graves) {
        if (until > clock.now()) return
        graves.delete(jobId)
      }
    },
  }
}
