import type { PartialSource } from './ports/index.js'

type Name = string | null | undefined

/** What `trace.config.js` says. */
export interface TraceServerConfig {
  /**
   * Where the rows come from; default: the synthetic factory. A function is called once in each process, and in the
   * thread of each job, so that each has connections of its own.
   */
  source?: PartialSource | (() => PartialSource | Promise<PartialSource>)
  /**
   * Names the caller of a request; jobs, lineage, caches and rate limits belong to that name alone. It may throw
   * `UNAUTHORIZED`; any answer but a non-empty text means the same. Default: all callers are one.
   */
  identify?: (request: Request) => Name | Promise<Name>
  /** Origins of pages that may use the server; `TRACE_ALLOWED_ORIGINS` takes its place. Default: the server's own. */
  allowedOrigins?: readonly string[]
  /** Names by which the server is asked; `TRACE_ALLOWED_HOSTS` takes its place. */
  allowedHosts?: readonly string[]
}

/** A server that answers. */
export interface TraceServer {
  url: string
  /** Lets downloads finish, for 30 s, sends followers away, to come back when a server does, and ends all it holds. */
  stop: () => Promise<void>
}

/** Says to editors what a `trace.config.js` may have; gives back what it is given. */
export function defineTraceServer(config: TraceServerConfig): TraceServerConfig {
  return config
}
