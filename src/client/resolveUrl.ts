import { TraceError } from '../errors.js'

/**
 * An address named by the server, or kept in storage, made absolute.
 *
 * @throws {TraceError} `FOREIGN_URL` when it is not of the origin of `baseUrl`: no header, and so no
 *   credential, is made for such a request
 */
export function resolveUrl(url: string, baseUrl: string): string {
  const base = new URL(baseUrl)
  if (URL.canParse(url, base)) {
    const resolved = new URL(url, base)
    const isOwn = resolved.origin === base.origin && resolved.username === '' && resolved.password === ''
    if (isOwn && (resolved.protocol === 'https:' || resolved.protocol === 'http:')) return resolved.href
  }
  throw new TraceError(
    'FOREIGN_URL',
    `The address ${JSON.stringify(url.slice(0, 200))} is not of ${base.origin}; it is not asked`,
  )
}

/** An endpoint below `baseUrl`, which may have a path of its own. */
export function endpoint(path: string, baseUrl: string): string {
  const base = new URL(baseUrl)
  return `${base.origin}${base.pathname.replace(/\/$/, '')}/api/trace/${path}`
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
