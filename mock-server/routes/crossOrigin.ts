import type { RequestHandler } from 'express'

/** What pages may read besides the body; browsers hide all other headers. */
const EXPOSED = 'Content-Disposition, Date, Link, Location, Preference-Applied, Retry-After, X-Total-Count'
const METHODS = 'GET, HEAD, POST, DELETE'
/** How long a browser need not ask again, in seconds: the most that Chromium keeps. */
const MAX_AGE_SECONDS = 7_200

/**
 * Lets pages of other origins use the API (CORS). Named origins may send cookies; `*` is every page, without them.
 *
 * `Origin` only allows, it never refuses. Every request that changes something needs a JSON body or DELETE, and browsers
 * ask before they send either. A retry needs neither, only the id of a job, which cannot be guessed.
 */
export function crossOrigin(allowedOrigins: readonly string[]): RequestHandler {
  const isAnyone = allowedOrigins.includes('*')

  return (req, res, next) => {
    const { origin } = req.headers
    const wanted = req.headers['access-control-request-headers']
    const isPreflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined
    if (!isAnyone) res.vary('Origin')
    if (isPreflight) res.vary('Access-Control-Request-Headers')
    if (origin !== undefined && (isAnyone || allowedOrigins.includes(origin))) {
      res.setHeader('Access-Control-Allow-Origin', isAnyone ? '*' : origin)
      if (!isAnyone) res.setHeader('Access-Control-Allow-Credentials', 'true')
      if (isPreflight) {
        res.setHeader('Access-Control-Allow-Methods', METHODS)
        res.setHeader('Access-Control-Max-Age', MAX_AGE_SECONDS)
        // A page's own too, such as a token of its sessions.
        if (wanted !== undefined) res.setHeader('Access-Control-Allow-Headers', wanted)
      } else res.setHeader('Access-Control-Expose-Headers', EXPOSED)
    }
    if (!isPreflight) return next()
    res.statusCode = 204
    res.end()
  }
}
