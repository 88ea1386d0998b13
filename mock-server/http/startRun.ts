import { acceptedResponse } from './acceptedResponse.js'
import { callerOf } from './callerOf.js'
import type { Endpoint } from './Endpoint.js'

/** POST /api/trace/run */
export const startRun: Endpoint = async (request, _, services, edge) => {
  const question = await edge.bodies.read(request, 'small', services.readRunRequest)
  return acceptedResponse(await services.startRun(question, callerOf(request, edge)))
}
