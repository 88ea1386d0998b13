import { callerOf } from './callerOf.js'
import type { Endpoint } from './Endpoint.js'
import { JSON_HEADERS } from './headers.js'
import { prefersMinimal } from './preferences.js'
import { streamed } from './streamed.js'

/** POST /api/trace/lineage */
export const traceLineage: Endpoint = async (request, _, services, edge) => {
  const asked = await edge.bodies.read(request, 'large', services.readLineageRequest)
  const minimal = prefersMinimal(request)
  const body = await services.traceLineage(asked, callerOf(request, edge), minimal)
  const applied: Record<string, string> = minimal ? { 'Preference-Applied': 'return=minimal' } : {}
  return streamed(request, body, { headers: { ...JSON_HEADERS, ...applied }, decode: services.decode })
}
