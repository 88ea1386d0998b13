import { isTraceError, TraceError } from '../../src/errors.js'
import type { TraceServices } from '../services/createTraceServices.js'
import { createBodyReader, discard, type BodyReaderOptions } from './createBodyReader.js'
import { describe } from './describe.js'
import type { Endpoint } from './Endpoint.js'
import { errorResponse } from './errorResponse.js'
import { healthz, readyz } from './health.js'
import { jobExport } from './jobExport.js'
import { aggregateAgain } from './aggregateAgain.js'
import { jobLineage } from './jobLineage.js'
import { jobResult } from './jobResult.js'
import { cancelJob, jobStatus } from './jobStatus.js'
import { jobStream } from './jobStream.js'
import type { RateKind, RateLimits } from './RateLimits.js'
import { resolveSeeds } from './resolveSeeds.js'
import { retryJob } from './retryJob.js'
import { startEvents, startEventsAsync } from './startEvents.js'
import { startRun } from './startRun.js'
import type { StatusNames } from './statusNames.js'
import { traceLineage } from './traceLineage.js'

type Name = string | null | undefined

export interface TraceApiOptions {
  /** Names of job states; default `default`. */
  statusNames?: StatusNames
  /** What may be sent, and how fast. */
  bodies?: Omit<BodyReaderOptions, 'clock'>
  /**
   * Names the caller of a request. Jobs, lineage, caches and rate limits belong to that name alone. It may throw
   * `UNAUTHORIZED`; any answer but a non-empty text means the same. Health probes are not identified. Default: all
   * callers are one.
   */
  identify?: (request: Request) => Name | Promise<Name>
  /** Counts requests; by name where there is `identify`, else by address. Default: none are counted. */
  limits?: RateLimits
  /** Called with every error whose cause the answer leaves out. */
  onError?: (cause: unknown, request: Request) => void
}

/**
 * Answers any request to the API: the one function behind Express, MSW and tests.
 *
 * @param address where the request comes from; for rate limits
 */
export type TraceApi = (request: Request, address?: string) => Promise<Response>

type Methods = Record<string, Endpoint<string>>

const TRACE_ROUTES = {
  '/api/trace/describe': { GET: describe },
  '/api/trace/seed-resolve': { POST: resolveSeeds },
  '/api/trace/lineage': { POST: traceLineage },
  '/api/trace/events': { POST: startEvents },
  '/api/trace/events-async': { POST: startEventsAsync },
  '/api/trace/run': { POST: startRun },
  '/api/trace/job/:jobId': { GET: jobStatus, DELETE: cancelJob },
  '/api/trace/job/:jobId/result': { GET: jobResult },
  '/api/trace/job/:jobId/export': { GET: jobExport },
  '/api/trace/job/:jobId/stream': { GET: jobStream },
  '/api/trace/job/:jobId/lineage': { GET: jobLineage },
  '/api/trace/job/:jobId/aggregation': { POST: aggregateAgain },
  '/api/trace/job/:jobId/retry': { POST: retryJob },
} as const satisfies Record<string, Methods>

/** What each address counts as. */
const KINDS: Record<keyof typeof TRACE_ROUTES, RateKind> = {
  '/api/trace/describe': 'status',
  '/api/trace/seed-resolve': 'seed',
  '/api/trace/lineage': 'lineage',
  '/api/trace/events': 'events',
  '/api/trace/events-async': 'events',
  '/api/trace/run': 'events',
  '/api/trace/job/:jobId': 'status',
  '/api/trace/job/:jobId/result': 'result',
  '/api/trace/job/:jobId/export': 'export',
  '/api/trace/job/:jobId/stream': 'stream',
  '/api/trace/job/:jobId/lineage': 'lineage',
  '/api/trace/job/:jobId/aggregation': 'events',
  '/api/trace/job/:jobId/retry': 'events',
}

/** For load balancers and orchestrators: neither identified nor counted. */
const PROBES = {
  '/healthz': { GET: healthz },
  '/readyz': { GET: readyz },
} as const satisfies Record<string, Methods>

/** Every address and method there is; `openapi/operations.ts` says of each what it takes and gives. */
export const ROUTES = { ...TRACE_ROUTES, ...PROBES }

const PATTERNS = Object.entries<Methods>(ROUTES).map(([path, methods]) => ({
  pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[\\w-]{1,100})')}$`),
  methods,
  // Probes are not counted.
  kind: path in KINDS ? KINDS[path as keyof typeof KINDS] : null,
}))

/** The API over `services`. It never rejects: whatever is thrown becomes an answer. */
export function createTraceApi(services: TraceServices, options: TraceApiOptions = {}): TraceApi {
  const { statusNames = 'default', identify, limits, onError } = options
  const { clock } = services
  const bodies = createBodyReader({ ...options.bodies, clock })

  /** The caller's name; '' without `identify`. */
  async function ownerOf(request: Request, address: string): Promise<string> {
    if (!identify) return ''
    const takeBack = await limits?.countStranger(address)
    const owner: unknown = await identify(request)
    // One shared name for all unknown callers would show each of them the others' jobs.
    if (typeof owner !== 'string' || owner.trim() === '') throw new TraceError('UNAUTHORIZED', '請先登入')
    await takeBack?.()
    return owner
  }

  async function answer(request: Request, address: string): Promise<Response> {
    try {
      const { endpoint, params, kind } = findEndpoint(request)
      const owner = kind ? await ownerOf(request, address) : ''
      if (kind) await limits?.count(kind, owner || address)
      const edge = { owner, statusNames, bodies }
      const response = await endpoint(request, params, services, edge)
      return request.method === 'HEAD' ? withoutBody(response) : response
    } catch (cause) {
      const response = errorResponse(cause, { nowMs: clock.now(), statusNames })
      // What broke because its caller has gone is no fault.
      if ((response.status === 500 || isSourceError(cause)) && !request.signal.aborted)
        onError?.(cause, request)
      return response
    }
  }

  return async function answerAndDiscard(request, address = '') {
    const response = await answer(request, address)
    // Its sender may read the answer only when all is sent.
    if (request.body && !request.body.locked) void discard(request.body.getReader())
    return response
  }
}

function findEndpoint(request: Request) {
  const { pathname } = new URL(request.url)
  for (const { pattern, methods, kind } of PATTERNS) {
    const match = pattern.exec(pathname)
    if (!match) continue
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const endpoint = Object.hasOwn(methods, method) ? methods[method] : undefined
    if (endpoint) return { endpoint, params: { ...match.groups }, kind }
    throw new TraceError('METHOD_NOT_ALLOWED', `method ${request.method} is not allowed here`, {
      details: { allow: Object.keys(methods) },
    })
  }
  throw new TraceError('NOT_FOUND', '找不到請求的資源')
}

async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel()
  return new Response(null, response)
}

/** The database behind the source: its own words are for the operator. */
function isSourceError(cause: unknown): boolean {
  return isTraceError(cause) && cause.code.startsWith('SOURCE_')
}
