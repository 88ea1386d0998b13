import { Router, type Request, type Response } from 'express'
import { rateLimit, type Store } from 'express-rate-limit'
import { TraceError } from '../../src/errors.js'
import { errorResponse } from '../http/errorResponse.js'
import { sendResponse } from './sendResponse.js'

interface Limit {
  maxRequests: number
  windowSeconds: number
}

/** Kinds of requests that are counted apart. */
export type RateKind = 'seed' | 'lineage' | 'events' | 'status' | 'result' | 'export' | 'stream'

export interface RateLimitOptions {
  limits: Readonly<Record<'seed' | 'lineage' | 'events' | 'job', Limit>>
  /** Where requests of a kind are counted; default: in this process. */
  storeOf?: (kind: RateKind) => Store
}

/**
 * Counts requests per client address, before anything is looked at. Status, result and stream of jobs are
 * counted apart, so that polling cannot starve the stream.
 */
export function createRateLimits({ limits, storeOf }: RateLimitOptions): Router {
  function limiter(kind: RateKind, { maxRequests, windowSeconds }: Limit) {
    return rateLimit({
      limit: maxRequests,
      windowMs: windowSeconds * 1000,
      standardHeaders: false,
      legacyHeaders: false,
      handler: refuse,
      // Proxies that were not named are not believed, on purpose: that needs no warning.
      validate: { xForwardedForHeader: false, forwardedHeader: false },
      ...(storeOf ? { store: storeOf(kind) } : {}),
    })
  }

  const router = Router()
  const events = limiter('events', limits.events)
  router.use('/api/trace/seed-resolve', limiter('seed', limits.seed))
  router.use('/api/trace/lineage', limiter('lineage', limits.lineage))
  router.use(['/api/trace/events', '/api/trace/events-async'], events)
  router.all('/api/trace/job/:jobId/retry', events)
  router.all('/api/trace/job/:jobId', limiter('status', limits.job))
  router.all('/api/trace/job/:jobId/result', limiter('result', limits.job))
  router.all('/api/trace/job/:jobId/export', limiter('export', limits.job))
  router.all('/api/trace/job/:jobId/stream', limiter('stream', limits.job))
  return router
}

function refuse(req: Request & { rateLimit?: { resetTime?: Date } }, res: Response) {
  const nowMs = Date.now()
  const retryAfterMs = Math.max(1, (req.rateLimit?.resetTime?.getTime() ?? nowMs) - nowMs)
  const error = new TraceError('TOO_MANY_REQUESTS', '請求過於頻繁，請稍後再試', { retryAfterMs })
  void sendResponse(errorResponse(error, { nowMs, statusNames: 'default' }), res)
}
