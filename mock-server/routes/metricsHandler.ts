import type { RequestHandler } from 'express'
import type { Metrics } from './createMetrics.js'

const LOOPBACK = /^(::ffff:)?127\.|^::1$/

/** GET /metrics; for anyone but this machine there is no such thing, unless `isPublic`. */
export function metricsHandler(metrics: Metrics, isPublic: boolean): RequestHandler {
  return async (req, res, next) => {
    // Through a proxy on this machine everyone would be local.
    const isLocal = LOOPBACK.test(req.socket.remoteAddress ?? '') && !req.headers['x-forwarded-for']
    if (!isPublic && !isLocal) return next()
    res.setHeader('Content-Type', metrics.contentType)
    res.end(await metrics.text())
  }
}
