/** Kinds of requests that are counted apart, so that polling cannot starve a stream. */
export type RateKind = 'seed' | 'lineage' | 'events' | 'status' | 'result' | 'export' | 'stream'

/** Counts requests. */
export interface RateLimits {
  /**
   * Counts one request, before anything else is done with it.
   *
   * @param caller the name that `identify` gave, or without `identify` the address
   * @throws {TraceError} `TOO_MANY_REQUESTS`
   */
  count: (kind: RateKind, caller: string) => Promise<void>
  /**
   * Counts one request before its caller is known. Call the returned function once `identify` has given a name: it takes
   * the count back. So only unidentified requests count against the address, which bounds guessing at names.
   *
   * @throws {TraceError} `TOO_MANY_REQUESTS`
   */
  countStranger: (address: string) => Promise<() => Promise<void>>
}
