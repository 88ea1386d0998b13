import type { Endpoint } from './Endpoint.js'
import { JSON_HEADERS } from './headers.js'
import { streamed } from './streamed.js'

/** GET /api/trace/job/:jobId/result?domain=&offset=&limit= */
export const jobResult: Endpoint<'jobId'> = async (request, { jobId }, services, { owner }) => {
  const url = new URL(request.url)
  const domain = url.searchParams.get('domain') || null
  const offset = countOf(url.searchParams.get('offset'))
  const limit = countOf(url.searchParams.get('limit'))
  const { body, nextOffset } = await services.readJobResult(jobId, owner, { domain, offset, limit })

  const headers: Record<string, string> = { ...JSON_HEADERS }
  if (nextOffset !== null) {
    url.searchParams.set('offset', String(nextOffset))
    headers.Link = `<${url.pathname}${url.search}>; rel="next"`
  }
  return streamed(request, body, { headers, decode: services.decode, isDeflated: false })
}

/** A number above 0; everything else is as if it were not there. */
function countOf(text: string | null): number {
  return text !== null && /^\s*\+?\d+\s*$/.test(text) ? Math.min(Number(text), Number.MAX_SAFE_INTEGER) : 0
}
