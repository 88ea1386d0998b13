import type { TraceApiOptions } from './http/createTraceApi.js'
import type { PartialSource } from './ports/index.js'

/** What `trace.config.js` says. */
export interface TraceServerConfig {
  /**
   * Where the rows come from; default: the synthetic factory. A function is called once in each process, and in the
   * thread of each job, so that each has connections of its own.
   */
  source?: PartialSource | (() => PartialSource | Promise<PartialSource>)
  /** Names the caller of a request; see `identify` in docs/operations.md. Default: all callers are one. */
  identify?: TraceApiOptions['identify']
  /** Origins of pages that may use the server; `TRACE_ALLOWED_ORIGINS` takes its place. Default: the server's own. */
  allowedOrigins?: readonly string[]
  /** Names by which the server is asked; `TRACE_ALLOWED_HOSTS` takes its place. */
  allowedHosts?: readonly string[]
}

/** Says to editors what a `trace.config.js` may have; gives back what it is given. */
export function defineTraceServer(config: TraceServerConfig): TraceServerConfig {
  return config
}
