import type { RequestHandler } from 'express'
import { TraceError } from '../../src/errors.js'
import type { TraceApi } from '../http/createTraceApi.js'
import { errorResponse } from '../http/errorResponse.js'
import { clientAddress } from './clientAddress.js'
import { createTurns } from './createTurns.js'
import { sendResponse } from './sendResponse.js'
import { toWebRequest } from './toWebRequest.js'

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
  }
}
