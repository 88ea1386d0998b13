import type { ErrorRequestHandler } from 'express'
import { TraceError } from '../../src/errors.js'
import { errorResponse } from '../http/errorResponse.js'
import { resetConnection, sendResponse } from './sendResponse.js'

/** What Express itself stumbles over, such as an address that cannot be decoded, in the envelope of all errors. */
export const errorHandler: ErrorRequestHandler = async (cause: { status?: number }, req, res, _) => {
  if (res.headersSent) return resetConnection(req.socket)
  const isFromCaller = cause.status !== undefined && cause.status < 500
  const error = isFromCaller ? new TraceError('NOT_FOUND', '找不到請求的資源', { cause }) : cause
  await sendResponse(errorResponse(error, { nowMs: Date.now(), statusNames: 'default' }), res)
}
