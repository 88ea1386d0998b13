import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { TraceError } from '../../src/errors.js'
import type { TraceApi } from '../http/createTraceApi.js'
import { errorResponse } from '../http/errorResponse.js'
import { clientAddress } from './clientAddress.js'
import { createTurns } from './createTurns.js'
import { sendResponse } from './sendResponse.js'
import { toWebRequest } from './toWebRequest.js'

/** How long the rest of a body that was refused may take to come. */
const DISCARD_MS = 10_000

/** Hands every request to the API, and its answer back. */
export function traceHandler(api: TraceApi): RequestHandler {
  const turns = createTurns()
  return async (req, res) => {
    let request: Request
    try {
      request = toWebRequest(req, res)
    } catch {
      // Methods that the web forbids, and addresses that are none.
      const error = new TraceError('METHOD_NOT_ALLOWED', `method ${req.method} is not allowed here`)
      return sendResponse(errorResponse(error, { nowMs: Date.now(), statusNames: 'default' }), res)
    }
    await sendResponse(await api(request, clientAddress(req)), res, turns)
    if (!req.complete) endLate(req)
  }
}

/** What has been answered is sent to its end by clients that read only then, but not for ever. */
function endLate(req: IncomingMessage) {
  const timer = setTimeout(() => req.complete || req.destroy(), DISCARD_MS)
  req.once('close', () => clearTimeout(timer))
}
