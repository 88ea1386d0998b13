import { callerOf } from './callerOf.js'
import type { Endpoint } from './Endpoint.js'
import { JSON_HEADERS } from './headers.js'

/** POST /api/trace/job/:jobId/aggregation */
export const aggregateAgain: Endpoint<'jobId'> = async (request, { jobId }, services, edge) => {
  const reasons = await edge.bodies.read(request, 'small', services.readLossReasons)
  const answer = await services.aggregateAgain(jobId, reasons, callerOf(request, edge))
  return new Response(JSON.stringify(answer), { headers: JSON_HEADERS })
}
