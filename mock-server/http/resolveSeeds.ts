import { callerOf } from './callerOf.js'
import type { Endpoint } from './Endpoint.js'
import { JSON_HEADERS } from './headers.js'
import { streamed } from './streamed.js'

/** POST /api/trace/seed-resolve */
export const resolveSeeds: Endpoint = async (request, _, services, edge) => {
  const asked = await edge.bodies.read(request, 'small', services.readSeedRequest)
  const body = await services.resolveSeeds(asked, callerOf(request, edge))
  return streamed(request, body, { headers: JSON_HEADERS, decode: services.decode })
}
