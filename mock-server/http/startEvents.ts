import { linkSignal } from '../../src/async/abort.js'
import type { AsyncOption } from '../services/events/admit.js'
import type { TraceServices } from '../services/createTraceServices.js'
import { faultLine } from '../services/log/logLines.js'
import { acceptedResponse } from './acceptedResponse.js'
import { callerOf } from './callerOf.js'
import type { Edge, Endpoint } from './Endpoint.js'
import { JSON_HEADERS, LINES_HEADERS } from './headers.js'
import { acceptsLines, prefersAsync } from './preferences.js'
import { streamed } from './streamed.js'

/** POST /api/trace/events */
export const startEvents: Endpoint = (request, _, services, edge) =>
  start(request, services, edge, prefersAsync(request) ? 'should' : null)

/** POST /api/trace/events-async */
export const startEventsAsync: Endpoint = (request, _, services, edge) =>
  start(request, services, edge, 'must')

async function start(
  request: Request,
  services: TraceServices,
  edge: Edge,
  async: AsyncOption,
): Promise<Response> {
  const asked = await edge.bodies.read(request, 'large', services.readEventsRequest)
  const leave = linkSignal(request.signal)
  const caller = { ...callerOf(request, edge), signal: leave.signal }
  const answer = await services.startEvents(asked, caller, { async, lines: acceptsLines(request) })
  if ('job' in answer) {
    return acceptedResponse(answer.job, async === 'should' ? { 'Preference-Applied': 'respond-async' } : {})
  }
  const options = { decode: services.decode, onCancel: () => leave.abort() }
  return 'lines' in answer
    ? streamed(request, answer.lines, { ...options, headers: LINES_HEADERS, errorLine: faultLine })
    : streamed(request, answer.json, { ...options, headers: JSON_HEADERS, isDeflated: false })
}
