/** What a request says of how it wants to be answered. */

/** `Prefer: respond-async` (RFC 7240). */
export function prefersAsync(request: Request): boolean {
  return preferences(request).some((preference) => preference === 'respond-async')
}

/** `Prefer: return=minimal` (RFC 7240). */
export function prefersMinimal(request: Request): boolean {
  return preferences(request).some((preference) => /^return\s*=\s*"?minimal"?$/.test(preference))
}

function preferences(request: Request): string[] {
  return (request.headers.get('Prefer') ?? '')
    .toLowerCase()
    .split(/[,;]/)
    .map((preference) => preference.trim())
}

/** Whether lines are wanted where JSON is the rule. */
export function acceptsLines(request: Request): boolean {
  return (request.headers.get('Accept') ?? '')
    .toLowerCase()
    .split(',')
    .some((type) => /^\s*application\/x-ndjson\s*(;(?!\s*q=0(\.0*)?\s*$).*)?$/.test(type))
}

/** `Cache-Control: no-cache`: an answer from a cache will not do. */
export function wantsFresh(request: Request): boolean {
  return /(^|[,\s])no-cache([,\s]|$)/i.test(request.headers.get('Cache-Control') ?? '')
}
