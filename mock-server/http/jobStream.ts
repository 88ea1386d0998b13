import { TraceError } from '../../src/errors.js'
import type { LogCursor } from '../services/followLog.js'
import type { Endpoint } from './Endpoint.js'
import { LINES_HEADERS } from './headers.js'
import { linkedController } from './linkedController.js'
import { streamed } from './streamed.js'

/** GET /api/trace/job/:jobId/stream?follow=&after=&epoch= */
export const jobStream: Endpoint<'jobId'> = async (request, { jobId }, services, { owner }) => {
  const { searchParams } = new URL(request.url)
  const follow = ['1', 'true'].includes(searchParams.get('follow') ?? '')
  const cursor = parseCursor(searchParams)
  const leave = linkedController(request.signal)
  const lines = await services.openJobStream(jobId, { owner, follow, cursor, signal: leave.signal })
  return streamed(request, lines, {
    headers: LINES_HEADERS,
    decode: services.decode,
    onCancel: () => leave.abort(),
  })
}

function parseCursor(searchParams: URLSearchParams): LogCursor {
  const after = searchParams.get('after') || '0'
  if (!/^\d{1,15}$/.test(after)) {
    throw new TraceError('INVALID_PARAMS', 'after must be a whole number, from 0 on')
  }
  return { after: Number(after), epoch: searchParams.get('epoch') }
}
