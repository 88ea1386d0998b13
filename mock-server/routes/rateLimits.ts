import { Router, type Request, type Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import { TraceError } from '../../src/errors.js'
import { errorResponse } from '../http/errorResponse.js'
import { sendResponse } from './sendResponse.js'

interface Limit {
  maxRequests: number
  windowSeconds: number
}

/**
 * Counts requests per client address, before anything is looked at. Status, result and stream of jobs are
 * counted apart, so that polling cannot starve the stream.
 */
export function createRateLimits(
  limits: Readonly<Record<'seed' | 'lineage' | 'events' | 'job', Limit>>,
): Router {
  const router = Router()
  router.use('/api/trace/seed-resolve', limiter(limits.seed))
  router.use('/api/trace/lineage', limiter(limits.lineage))
  const events = limiter(limits.events)
  router.use(['/api/trace/events', '/api/trace/events-async'], events)
  router.all('/api/trace/job/:jobId/retry', events)
  router.all('/api/trace/job/:jobId', limiter(limits.job))
  router.all('/api/trace/job/:jobId/result', limiter(limits.job))
  router.all('/api/trace/job/:jobId/export', limiter(limits.job))
  router.all('/api/trace/job/:jobId/stream', limiter(limits.job))
  return router
}

function limiter({ maxRequests, windowSeconds }: Limit) {
  return rateLimit({
    limit: maxRequests,
    windowMs: windowSeconds * 1000,
    standardHeaders: false,
    legacyHeaders: false,
    handler: refuse,
    // Proxies that were not named are not believed, on purpose: that needs no warning.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
  })
}

function refuse(req: Request & { rateLimit?: { resetTime?: Date } }, res: Response) {
  const nowMs = Date.now()
  const retryAfterMs = Math.max(1, (req.rateLimit?.resetTime?.getTime() ?? nowMs) - nowMs)
  const error = new TraceError('TOO_MANY_REQUESTS', '請求過於頻繁，請稍後再試', { retryAfterMs })
  void sendResponse(errorResponse(error, { nowMs, statusNames: 'default' }), res)
}
