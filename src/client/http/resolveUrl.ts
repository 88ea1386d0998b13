import { TraceError } from '../../errors.js'
import type { JobAccepted } from '../../protocol/index.js'

/** What every path of the API begins with, as its server sees it. */
const API_PATH = '/api/trace/'

/**
 * Makes an address absolute that the server has named, or that was kept in storage. An address without an origin
 * belongs to `baseUrl`. A proxy may take the path of `baseUrl` off: the server then names `/api/trace/…`, which lies
 * below that path. A server that knows the path names it too.
 *
 * @throws {TraceError} `FOREIGN_URL` when it is not of the origin of `baseUrl`: no header, and so no
 *   credential, is made for such a request
 */
export function resolveUrl(url: string, baseUrl: string): string {
  const base = new URL(baseUrl)
  const prefix = prefixOf(base)
  base.pathname = `${prefix}/`
  if (URL.canParse(url, base)) {
    const resolved = new URL(url, base)
    const isOwn = resolved.origin === base.origin && resolved.username === '' && resolved.password === ''
    if (isOwn && (resolved.protocol === 'https:' || resolved.protocol === 'http:')) {
      if (!URL.canParse(url)) resolved.pathname = belowPrefix(resolved.pathname, prefix)
      return resolved.href
    }
  }
  throw foreign(url, base.origin)
}

function prefixOf({ pathname }: URL): string {
  return pathname.replace(/\/$/, '')
}

function belowPrefix(path: string, prefix: string): string {
  if (path.startsWith(`${prefix}${API_PATH}`)) return path
  // The prefix itself may be `/api`.
  return path.startsWith(API_PATH) || !path.startsWith(`${prefix}/`) ? prefix + path : path
}

/** An endpoint below `baseUrl`, which may have a path of its own. */
export function endpoint(path: string, baseUrl: string): string {
  const base = new URL(baseUrl)
  return `${base.origin}${prefixOf(base)}${API_PATH}${path}`
}

/**
 * Refuses a job with an address outside of the API. A server may name any address; for jobs from storage only those of
 * the API are asked, since everything on the page's origin can write there.
 *
 * @throws {TraceError} `FOREIGN_URL`
 */
export function assertOfApi(job: JobAccepted, baseUrl: string): void {
  const { statusUrl, streamUrl, followUrl, resultUrl, cancelUrl } = job
  const api = endpoint('', baseUrl)
  for (const url of [statusUrl, streamUrl, followUrl, resultUrl, cancelUrl]) {
    if (url !== null && !resolveUrl(url, baseUrl).startsWith(api)) throw foreign(url, api)
  }
}

function foreign(url: string, place: string): TraceError {
  return new TraceError(
    'FOREIGN_URL',
    `The address ${JSON.stringify(url.slice(0, 200))} is not of ${place}; it is not asked`,
  )
}

/** `url` with more path behind its own; the query stays. */
export function below(url: string, path: string, baseUrl: string): string {
  const whole = new URL(resolveUrl(url, baseUrl))
  whole.pathname = `${whole.pathname.replace(/\/$/, '')}/${path}`
  return whole.href
}

/** `url` with more in its query. */
export function withQuery(url: string, query: Record<string, string | number>, baseUrl: string): string {
  const whole = new URL(resolveUrl(url, baseUrl))
  for (const [name, value] of Object.entries(query)) whole.searchParams.set(name, String(value))
  return whole.href
}
