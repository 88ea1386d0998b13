/** Kinds of requests that are counted apart, so that polling cannot starve a stream. */
export type RateKind = 'seed' | 'lineage' | 'events' | 'status' | 'result' | 'export' | 'stream'

/** Counts requests. */
export interface RateLimits {
  /**
   * Counts one request, before anything of it is looked at.
   *
   * @param caller who it is from; where nobody is told apart, the address it comes from
   * @throws {TraceError} `TOO_MANY_REQUESTS`
   */
  count: (kind: RateKind, caller: string) => Promise<void>
  /**
   * Counts one request that has yet to say who it is from. What it gives takes that back, so that only those are counted
   * that could not say: an address may guess at names so often, and no more.
   *
   * @throws {TraceError} `TOO_MANY_REQUESTS`
   */
  countStranger: (address: string) => Promise<() => Promise<void>>
}
