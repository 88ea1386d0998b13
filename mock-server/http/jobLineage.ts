import { callerOf } from './callerOf.js'
import type { Endpoint } from './Endpoint.js'
import { JSON_HEADERS } from './headers.js'
import { streamed } from './streamed.js'

/** GET /api/trace/job/:jobId/lineage?container_ids=a,b or ?container_ids=a&container_ids=b */
export const jobLineage: Endpoint<'jobId'> = async (request, { jobId }, services, edge) => {
  const asked = new URL(request.url).searchParams.getAll('container_ids')
  // An id may contain a comma: only a parameter that stands alone is a list.
  const ids = asked.length === 1 ? asked[0]!.split(',') : asked
  const body = await services.traceJobLineage(jobId, ids, callerOf(request, edge))
  return streamed(request, body, { headers: JSON_HEADERS, decode: services.decode })
}
