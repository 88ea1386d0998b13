import { callerOf } from './callerOf.js'
import type { Endpoint } from './Endpoint.js'
import { JSON_HEADERS } from './headers.js'
import { streamed } from './streamed.js'

/** GET /api/trace/job/:jobId/lineage?container_ids= */
export const jobLineage: Endpoint<'jobId'> = async (request, { jobId }, services, edge) => {
  const ids = new URL(request.url).searchParams.getAll('container_ids').flatMap((list) => list.split(','))
  const body = await services.traceJobLineage(jobId, ids, callerOf(request, edge))
  return streamed(request, body, { headers: JSON_HEADERS, decode: services.decode })
}
