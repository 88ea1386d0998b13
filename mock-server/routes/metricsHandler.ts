import type { RequestHandler } from 'express'
import type { Metrics } from './createMetrics.js'

const LOOPBACK = /^(::ffff:)?127\.|^::1$/
/** What proxies add. Through one on this machine everyone would be local. */
const FORWARDING = /^(forwarded|via|x-forwarded.*|x-real-ip|.*client-ip|.*connecting-ip)$/

/** GET /metrics; for anyone but this machine there is no such thing, unless `isPublic`. */
export function metricsHandler(metrics: Metrics, isPublic: boolean): RequestHandler {
  return async (req, res, next) => {
    const isForwarded = Object.keys(req.headers).some((name) => FORWARDING.test(name))
    const isLocal = LOOPBACK.test(req.socket.remoteAddress ?? '') && !isForwarded
    if (!isPublic && !isLocal) return next()
    res.setHeader('Content-Type', metrics.contentType)
    res.end(await metrics.text())
  }
}
