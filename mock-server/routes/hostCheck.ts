import { isIP } from 'node:net'
import type { RequestHandler } from 'express'
import { TraceError } from '../../src/errors.js'
import { errorResponse } from '../http/errorResponse.js'
import { sendResponse } from './sendResponse.js'

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/

/**
 * Refuses requests for names that are not the server's. A page of the internet may let its own name point to this machine
 * (DNS rebinding); its requests are then of the same origin for the browser, and only `Host` tells.
 *
 * Bound to loopback, the server answers loopback names and `allowedHosts`. Bound elsewhere, it refuses nothing while
 * `allowedHosts` is empty, since it cannot know its own names. With `allowedHosts`, it answers those, loopback, and any
 * bare IP address: probes use addresses, and an address cannot be rebound. A request without `Host` is not a browser's.
 */
export function hostCheck(boundTo: string, allowedHosts: readonly string[]): RequestHandler {
  const allowed = new Set(allowedHosts.map(plain))
  const isOnLoopback = LOOPBACK.test(plain(boundTo))
  if (!isOnLoopback && allowed.size === 0) return (_req, _res, next) => next()

  function isAllowed(name: string) {
    return LOOPBACK.test(name) || allowed.has(name) || (!isOnLoopback && isIP(name) !== 0)
  }

  return (req, res, next) => {
    const { host } = req.headers
    if (host === undefined || isAllowed(plain(host.replace(/:\d*$/, '')))) return next()
    const message = `this server is not asked by the name ${JSON.stringify(host)}; allow it in TRACE_ALLOWED_HOSTS`
    const error = new TraceError('HOST_NOT_ALLOWED', message)
    void sendResponse(errorResponse(error, { nowMs: Date.now(), statusNames: 'default' }), res)
  }
}

/** One spelling of a name or address: small letters, no brackets, no dot at the end. */
function plain(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}
