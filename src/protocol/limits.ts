/** Limits of the wire, in force on both sides unless configured otherwise. */
export const LIMITS = {
  /** Longest accepted NDJSON line, in bytes. */
  maxLineBytes: 64 * 2 ** 20,
  /** Longest accepted id or query value, in characters; longer ones are refused with `INVALID_PARAMS`. */
  maxIdLength: 256,
  /** Most query values in one seed request. */
  maxValues: 10_000,
  /** Most values that are named of those that found nothing. */
  maxUnmatched: 10_000,
  /** Most days between the dates of an MSD request. */
  maxDateRangeDays: 180,
  /** Longest silence of a followed stream: servers write a `progress` line at least this often, in ms. */
  progressEveryMs: 10_000,
} as const
